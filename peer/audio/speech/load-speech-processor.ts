import { AudioProblem } from '../audio.js'
import type { VoiceProcessor } from '../voice-processor.js'
import { loadRnnoise } from './rnnoise-file.js'
import { SpeechProcessor } from './speech-processor.js'

/** What is wanted; a high-pass and a limiter always. */
export interface SpeechChoice {
  /** Noise suppression. */
  readonly denoise: boolean
  /** Automatic gain. */
  readonly agc: boolean
}

/** `problem`: why it is a processor without noise suppression, where some was wanted. */
export async function loadSpeechProcessor(
  { denoise, agc }: SpeechChoice,
  load = loadRnnoise,
): Promise<{ processor: VoiceProcessor; problem: AudioProblem | null }> {
  try {
    const denoiser = denoise ? (await load()).createDenoiser() : null
    return { processor: new SpeechProcessor({ denoiser, agc }), problem: null }
  } catch (problem) {
    if (!(problem instanceof AudioProblem)) throw problem
    return { processor: new SpeechProcessor({ denoiser: null, agc }), problem }
  }
}
