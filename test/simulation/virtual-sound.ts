/**
 * Sound in the simulated world: a codec whose packets say who encoded them and count, a microphone and a speaker whose clocks are a
 * little off. All frames are the same few arrays: nobody listens.
 */
import { type Codec, FRAME_MS, FRAME_SAMPLES } from '../../peer/audio/codec.js'
import type { Microphone, Speaker } from '../../peer/audio/devices/device.js'
import type { Clock, Timer } from '../../protocol/clock.js'
import { ok } from '../../protocol/result.js'

/** What a side heard at `at` (ms): a frame that was decoded, whose and which of theirs (from 1); null for one that was made up. */
export interface Heard {
  readonly at: number
  readonly frame: number | null
  /** Who encoded it, by the number that their codec was given; null for one that was made up. */
  readonly from: number | null
}

const PACKET_BYTES = 80
/** Marks a packet's bytes, so that any that travel in the clear are found. */
export const PLAINTEXT: readonly number[] = [0xc0, 0xff, 0xee, 0x51, 0x1e, 0x47]

/** `owner`: a number of one's own, up to 65535. `heard` is called as the decoder works. */
export function virtualCodec(clock: Clock, owner: number, heard: (heard: Heard) => void): Codec {
  const sound = new Int16Array(FRAME_SAMPLES).fill(8000)
  const packet = new Uint8Array(PACKET_BYTES).fill(1)
  packet.set(PLAINTEXT)
  const view = new DataView(packet.buffer)
  view.setUint16(PLAINTEXT.length, owner)
  let count = 0
  return {
    createEncoder: () => ({
      encode() {
        view.setUint32(PLAINTEXT.length + 2, ++count)
        return packet
      },
      setBitrate() {},
      setExpectedLoss() {},
      close() {},
    }),
    createDecoder: () => ({
      decode(bytes) {
        const at = PLAINTEXT.length
        const frame = ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0
        heard({ at: clock.now(), frame, from: (bytes[at]! << 8) | bytes[at + 1]! })
        return ok(sound)
      },
      recover: () => ok(sound),
      conceal() {
        heard({ at: clock.now(), frame: null, from: null })
        return sound
      },
      close() {},
    }),
  }
}

export interface DeviceParts {
  readonly clock: Clock
  /** How much faster than `clock` the device's own is, in millionths. */
  readonly driftPpm?: number
  /** Called when a promise is about to settle: the world lets it, before time goes on. */
  readonly settles?: () => void
}

export function virtualMicrophone(parts: DeviceParts): Microphone {
  // Loud enough to be voice.
  const block = new Int16Array(FRAME_SAMPLES).fill(1000)
  let stop = () => {}
  return {
    name: 'virtual',
    prepare: async () => {},
    async open(onBlock) {
      parts.settles?.()
      stop = everyFrame(parts, () => onBlock(block))
      return parts.clock.now()
    },
    async close() {
      parts.settles?.()
      stop()
    },
  }
}

export function virtualSpeaker(parts: DeviceParts): Speaker {
  const block = new Int16Array(FRAME_SAMPLES)
  let stop = () => {}
  return {
    name: 'virtual',
    latencyMs: 0,
    underruns: 0,
    prepare: async () => {},
    async open(pull) {
      parts.settles?.()
      stop = everyFrame(parts, dueMs => pull(block, dueMs))
      return parts.clock.now()
    },
    async close() {
      parts.settles?.()
      stop()
    },
  }
}

/** Each 20 ms of the device's own time. What fell into a stop of the process is left out: a device does not wait. */
function everyFrame({ clock, driftPpm = 0 }: DeviceParts, run: (dueMs: number) => void): () => void {
  const frameMs = FRAME_MS / (1 + driftPpm / 1e6)
  const start = clock.now()
  let timer: Timer = null
  let n = 0
  const next = () => {
    n++
    timer = clock.setTimeout(tick, start + n * frameMs - clock.now())
  }
  const tick = () => {
    const late = clock.now() - (start + n * frameMs)
    next()
    if (late < frameMs) run(start + (n - 1) * frameMs)
    else {
      clock.clearTimeout(timer)
      n += Math.floor(late / frameMs) - 1
      next()
    }
  }
  next()
  return () => clock.clearTimeout(timer)
}
