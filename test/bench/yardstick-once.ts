/** A process of its own (yardstick.ts): encodes so many frames of recorded speech with Opus and seals them; prints its CPU, ms, as JSON. */
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../peer/audio/codec.js'
import { loadOpus } from '../../peer/audio/opus-file.js'
import { Sealer } from '../../protocol/index.js'
import { resample } from '../measure/resample.js'
import { readWav } from '../measure/wav.js'
import { callKeys } from '../protocol/handshake/pair.js'
import { speechPath } from '../speech/speech.js'

const WARM_FRAMES = 100

const encoder = (await loadOpus()).createEncoder()
const sealer = new Sealer(callKeys().a)
const { rate, samples } = readWav(speechPath('congratulations'))
const speech = Int16Array.from(resample(samples, rate, SAMPLE_RATE), sample =>
  Math.max(-32768, Math.min(32767, Math.round(sample * 32768))),
)
const frames = Array.from({ length: Math.floor(speech.length / FRAME_SAMPLES) }, (_, n) =>
  speech.subarray(n * FRAME_SAMPLES, (n + 1) * FRAME_SAMPLES),
)
let at = 0
const work = (count: number) => {
  for (const end = at + count; at < end; at++)
    sealer.seal({ kind: 'voice', blocks: [{ at, opus: encoder.encode(frames[at % frames.length]!) }] })
}
work(WARM_FRAMES)
const before = process.cpuUsage()
work(Number(process.argv[2]))
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ cpuMs: (user + system) / 1000 }))
