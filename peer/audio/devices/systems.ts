/** Which of the sound systems this machine has, and a person wants. */
import { AudioProblem } from '../audio.js'
import type { Backend } from '../backend.js'
import { alsa, hasAlsaCards } from './alsa.js'
import { pulse } from './pulse.js'
import type { SoundSystem } from './sound-system.js'

/** The last one is seldom needed, and loaded only then. */
const systems = {
  pulse: async () => pulse,
  alsa: async () => alsa,
  web: async () => (await import('./web.js')).web,
} as const

/**
 * The one that was asked for; with `auto` PulseAudio or PipeWire if one answers, else ALSA if there is a sound card, else
 * node-web-audio-api. Rejects with an AudioProblem `noSoundSystem` that says what to do.
 */
export async function systemOf(backend: Backend): Promise<SoundSystem> {
  if (backend === 'file') {
    const hint = 'Name both: --mic file:PATH.wav, tone or none, and --speaker file:PATH.wav or none.'
    throw new AudioProblem('noSoundSystem', 'With --audio file no real device is used.', hint)
  }
  if (backend !== 'auto') {
    const system = await systems[backend]()
    await system.find()
    return system
  }
  const noPulse = await problemOf(pulse.find())
  if (noPulse === null) return pulse
  const cards = await Promise.all([hasAlsaCards('speaker'), hasAlsaCards('microphone')])
  if (cards.includes(true)) return alsa
  const web = await systems.web()
  const noWeb = await problemOf(web.find())
  if (noWeb === null) return web
  // Elsewhere there are no sound servers, and nobody is to be sent looking for one.
  if (process.platform !== 'linux') throw noWeb
  const message = `${noPulse.message} And ALSA knows no sound card.`
  throw new AudioProblem('noSoundSystem', message, noPulse.hint)
}

async function problemOf(found: Promise<void>): Promise<AudioProblem | null> {
  try {
    await found
    return null
  } catch (error) {
    if (error instanceof AudioProblem) return error
    throw error
  }
}
