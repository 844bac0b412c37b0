/** Which of the sound systems this machine has. */
import { AudioProblem } from '../audio.js'
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
export async function findSystem(which: 'auto' | keyof typeof systems): Promise<SoundSystem> {
  if (which !== 'auto') {
    const system = await systems[which]()
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
