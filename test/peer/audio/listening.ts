/** A player that hears recorded speech over a network, on a virtual clock: real Opus, real ring, blocks of 10 ms as speakers pull. */
import type { Codec, Decoder } from '../../../peer/audio/codec.js'
import { Player } from '../../../peer/audio/player.js'
import { Ring } from '../../../peer/audio/ring.js'
import { resample } from '../../measure/resample.js'
import { readWav } from '../../measure/wav.js'
import { speechPath } from '../../speech/speech.js'
import type { Block } from './networks.js'

/** Both recordings, one after the other, `frames` frames of 20 ms at 48 kHz. */
export function speechFrames(frames: number): Int16Array {
  const both = (['congratulations', 'no-connection'] as const).map(name => {
    const { samples, rate } = readWav(speechPath(name))
    return resample(samples, rate, 48_000)
  })
  const once = Int16Array.from([...both[0]!, ...both[1]!], sample => Math.round(sample * 32767))
  return Int16Array.from({ length: frames * 960 }, (_, i) => once[i % once.length]!)
}

export function encoded(codec: Codec, speech: Int16Array): Uint8Array[] {
  const encoder = codec.createEncoder()
  const packets = Array.from({ length: speech.length / 960 }, (_, at) =>
    encoder.encode(speech.subarray(at * 960, (at + 1) * 960)),
  )
  encoder.close()
  return packets
}

export interface Listened {
  /** From moment 0 on, 48 kHz. */
  readonly heard: Int16Array
  /** What was decoded: which frame, in the block that was due at `ms`. */
  readonly played: readonly { readonly ms: number; readonly at: number }[]
  readonly player: Player
}

export interface Listening {
  /** Moments (ms) at which the other side says that nothing comes for now. */
  readonly mutes?: readonly number[]
  /** Called after each pull. */
  readonly each?: (ms: number, player: Player) => void
  /** How much the speaker pulls at once, ms: 10. */
  readonly blockMs?: number
}

/** Plays all that comes until `untilMs`. */
export function listen(
  decoder: Decoder,
  packets: readonly Uint8Array[],
  blocks: readonly Block[],
  untilMs: number,
  { mutes = [], each, blockMs = 10 }: Listening = {},
): Listened {
  const ring = Ring.create()
  const played: { ms: number; at: number }[] = []
  let now = 0
  const watched: Decoder = {
    decode(packet) {
      played.push({ ms: now, at: new DataView(packet.buffer, packet.byteOffset).getUint32(0) })
      return decoder.decode(packet.subarray(4))
    },
    recover: packet => decoder.recover(packet.subarray(4)),
    conceal: () => decoder.conceal(),
    close: () => {},
  }
  const player = new Player({ ring, decoder: watched })
  const block = blockMs * 48
  const heard = new Int16Array(Math.floor(untilMs / blockMs) * block)
  let [next, muted] = [0, 0]
  for (let at = 0; at < heard.length; at += block) {
    now = at / 48
    for (; next < blocks.length && blocks[next]!.ms <= now; next++) {
      const { at } = blocks[next]!
      const payload = new Uint8Array(4 + packets[at]!.length)
      new DataView(payload.buffer).setUint32(0, at)
      payload.set(packets[at]!, 4)
      ring.push(at, payload)
    }
    for (; muted < mutes.length && mutes[muted]! <= now; muted++) ring.push(0, new Uint8Array(0))
    player.pull(heard.subarray(at, at + block), now)
    each?.(now, player)
  }
  return { heard, played, player }
}
