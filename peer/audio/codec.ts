/** What turns 20 ms of sound into a packet and back: Opus in the programs, a plain stand-in in the simulated world. */
import type { Result } from '../../protocol/result.js'

/** Samples a second, everywhere inside; one channel, 16 bit. */
export const SAMPLE_RATE = 48_000
/** Samples of one frame. */
export const FRAME_SAMPLES = 960
/** Duration of one frame, ms. */
export const FRAME_MS = 20
/** Samples of one millisecond. */
export const SAMPLES_PER_MS = SAMPLE_RATE / 1000

/** How voice is encoded: bits a second, constant; and the loss that in-band error correction prepares for, percent (0: none). */
export interface Coding {
  readonly bitrate: number
  readonly expectedLoss: number
}

export interface Encoder {
  /** One frame (`FRAME_SAMPLES`) to a packet. */
  encode(frame: Int16Array): Uint8Array
  /** Bits a second, constant. */
  setBitrate(bitrate: number): void
  /** Packets lost, percent, for in-band error correction; 0 turns it off. */
  setExpectedLoss(percent: number): void
  close(): void
}

/** What comes out is good until the next call. */
export interface Decoder {
  /** One packet to `FRAME_SAMPLES` samples. Anything that isn't exactly one frame is an error. */
  decode(packet: Uint8Array): Result<Int16Array>
  /** The frame BEFORE this packet's, from the error correction inside it; made up when there is none. */
  recover(packet: Uint8Array): Result<Int16Array>
  /** A frame made up from what came before it, for a packet that never came. */
  conceal(): Int16Array
  close(): void
}

export interface Codec {
  createEncoder(): Encoder
  createDecoder(): Decoder
}
