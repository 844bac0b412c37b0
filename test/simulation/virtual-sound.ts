/** Sound in the simulated world: a microphone that counts, a codec that carries the count, a speaker that pulls in step. */

import { type Codec, FRAME_MS, FRAME_SAMPLES } from '../../peer/audio/codec.js'
import type { Microphone, Speaker } from '../../peer/audio/devices/device.js'
import type { Clock, Timer } from '../../protocol/clock.js'
import { ok } from '../../protocol/result.js'

/** What a side heard: which of the other side's frames was decoded when; null for one that was made up. */
export interface Heard {
  readonly at: number
  readonly frame: number | null
}

const PACKET_BYTES = 80
/** Marks a packet's bytes, so that any that travel in the clear are found. */
export const PLAINTEXT = [0xc0, 0xff, 0xee, 0x51, 0x1e, 0x47]

/** `heard` grows as the decoder works. */
export function virtualCodec(clock: Clock, heard: Heard[]): Codec {
  return {
    createEncoder: () => ({
      encode(frame) {
        const packet = new Uint8Array(PACKET_BYTES).fill(1)
        packet.set(PLAINTEXT)
        new DataView(packet.buffer).setUint16(PLAINTEXT.length, frame[0] ?? 0)
        return packet
      },
      setBitrate() {},
      setExpectedLoss() {},
      close() {},
    }),
    createDecoder: () => ({
      decode(packet) {
        const frame = new DataView(packet.buffer, packet.byteOffset).getUint16(PLAINTEXT.length)
        heard.push({ at: clock.now(), frame })
        return ok(new Int16Array(FRAME_SAMPLES).fill(8000))
      },
      recover: () => ok(new Int16Array(FRAME_SAMPLES).fill(8000)),
      conceal() {
        heard.push({ at: clock.now(), frame: null })
        return new Int16Array(FRAME_SAMPLES).fill(8000)
      },
      close() {},
    }),
  }
}

/** Runs every 20 ms from its start, without drift. */
function every20Ms(clock: Clock, run: (n: number) => void): () => void {
  const start = clock.now()
  let timer: Timer = null
  const tick = (n: number) => {
    timer = clock.setTimeout(
      () => {
        run(n)
        tick(n + 1)
      },
      start + n * FRAME_MS - clock.now(),
    )
  }
  tick(1)
  return () => clock.clearTimeout(timer)
}

export function virtualMicrophone(clock: Clock): Microphone {
  let stop = () => {}
  return {
    name: 'virtual',
    prepare: async () => {},
    async open(onBlock) {
      // Loud enough to be voice, and each frame says which it is.
      stop = every20Ms(clock, n => onBlock(new Int16Array(FRAME_SAMPLES).fill(1000 + (n % 20_000))))
      return clock.now()
    },
    close: async () => stop(),
  }
}

export function virtualSpeaker(clock: Clock): Speaker {
  let stop = () => {}
  const block = new Int16Array(FRAME_SAMPLES)
  return {
    name: 'virtual',
    latencyMs: 0,
    underruns: 0,
    prepare: async () => {},
    async open(pull) {
      stop = every20Ms(clock, () => pull(block, clock.now()))
      return clock.now()
    },
    close: async () => stop(),
  }
}
