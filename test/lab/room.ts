import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SoundServer } from './sound-server.js'

export interface RoomOptions {
  /** A source that hears the loudspeaker, and the sink into which one speaks to be in the microphone. */
  readonly speaker: string
  readonly microphone: string
  /** What the room itself adds to the delay of its devices, which is some 60 ms. */
  readonly delayMs: number
  readonly attenuationDb: number
}

/** Has the microphone hear the loudspeaker from now on. Ends with the sound server. */
export async function openRoom(server: SoundServer, options: RoomOptions): Promise<void> {
  const { speaker, microphone, delayMs, attenuationDb } = options
  const program = fileURLToPath(new URL('./room-main.js', import.meta.url))
  const room = server.spawn(process.execPath, [program, speaker, microphone, `${delayMs}`, `${attenuationDb}`])
  const ended = once(room, 'exit').then(() => Promise.reject(new Error('the room ended before there was any sound')))
  await Promise.race([once(room.stdout!, 'data'), ended])
  ended.catch(() => {})
}
