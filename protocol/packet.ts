/**
 * Packets: what is sealed into a frame. Big-endian. Every packet is padded to one constant size before it is sealed,
 * so that nothing outside can tell voice from silence from control (RFC 6562).
 *
 *   voice   01  at u32  count u8  count x (back u8, length u8, Opus bytes)
 *   status  02  flags u8  wants u8  sentAt u32  echo u32  held u16  lost u16  jitter u16  buffer u16
 *              burst u8  late u16
 *   bye     03  reason u8  answer u8
 *   probe   04  generation u16  n u8  answer u8
 *   ordered 06  seq u32  acked u32  early u16  last u8  length u8  data
 *
 * Zeros follow up to the constant size. Voice travels on the media chain, all else on the control chain.
 */
import { fail, ok, type Result } from './result.js'

/** One block of voice: 20 ms of Opus. */
export interface VoiceBlock {
  /** Which 20 ms of the sender's time this is; counts from 0 at the start of the call, wraps at 2^32. */
  readonly at: number
  readonly opus: Uint8Array
}

/** Voice of one moment, `blocks[0]` the newest; older ones repeat earlier blocks against loss (the idea of RFC 2198). */
export interface VoicePacket {
  readonly kind: 'voice'
  readonly blocks: readonly VoiceBlock[]
}

/** What one side tells about itself and what it hears; unordered and harmless when repeated. */
export interface StatusPacket {
  readonly kind: 'status'
  readonly muted: boolean
  /** The sender does not trust the direct route, or not yet: send on both. */
  readonly doubt: boolean
  /** The sender heard the other's frames within the last 400 ms. */
  readonly hears: boolean
  /** The sender's person keeps a recording of the call. */
  readonly recording: boolean
  readonly wants: RouteWish
  /** The sender's clock, ms, modulo 2^32. */
  readonly sentAt: number
  /** `sentAt` of the newest status heard, 0 if none; `held`: ms since it came, at most 65535. */
  readonly echo: number
  readonly held: number
  /** Of the last voice frames on their way here, so many were lost, per mille. */
  readonly lost: number
  /** Interarrival jitter (RFC 3550, section 6.4.1) and playout delay, ms. */
  readonly jitter: number
  readonly buffer: number
  /** Frames lost in a row, on average, tenths of a frame; 0 while nothing is lost. */
  readonly burst: number
  /** How much longer voice takes to come here now than it did when it was quickest of late, ms: what waits in queues. */
  readonly late: number
}

/** The authenticated end of a call. `answer`: this one answers another, and wants none. */
export interface ByePacket {
  readonly kind: 'bye'
  readonly reason: ByeReason
  readonly answer: boolean
}

/** Asks whether a route works, both ways: an answer repeats generation and n. */
export interface ProbePacket {
  readonly kind: 'probe'
  readonly generation: number
  readonly n: number
  readonly answer: boolean
}

/** A piece of a message that must come, whole and in order (ordered-channel.ts). Without data it only acknowledges. */
export interface OrderedPacket {
  readonly kind: 'ordered'
  /** Counts the sender's pieces from 0. */
  readonly seq: number
  /** All pieces below this one came to the sender of this packet. */
  readonly acked: number
  /** And of those after it, bit by bit: 1 << i stands for `acked` + 1 + i. */
  readonly early: number
  /** The message ends with this piece. */
  readonly last: boolean
  readonly data: Uint8Array
}

export type Packet = VoicePacket | StatusPacket | ByePacket | ProbePacket | OrderedPacket
export type RouteWish = 'auto' | 'direct' | 'relay'
export type ByeReason = 'hungUp' | 'noRoute' | 'failed' | 'vanished'
export type PacketProblem = 'badPacket'

const WISHES: readonly RouteWish[] = ['auto', 'direct', 'relay']
const BYES: readonly ByeReason[] = ['hungUp', 'noRoute', 'failed', 'vanished']
const [VOICE, STATUS, BYE, PROBE, ORDERED] = [1, 2, 3, 4, 6]

const STATUS_BYTES = 22
const VOICE_HEADER_BYTES = 6

/** Blocks in one voice packet, at most. */
export const MAX_BLOCKS = 8
/** Data in one ordered packet, bytes at most: it fits into each frame, however long the frame's header. */
export const MAX_PIECE_BYTES = 74
const ORDERED_HEADER_BYTES = 13

/** Writes a packet, without padding. Throws a RangeError on values that don't fit: those are the caller's mistakes. */
export function encodePacket(packet: Packet): Uint8Array {
  switch (packet.kind) {
    case 'voice':
      return encodeVoice(packet)
    case 'status': {
      const out = new Uint8Array(STATUS_BYTES)
      const view = new DataView(out.buffer)
      const flags =
        (packet.muted ? 1 : 0) | (packet.doubt ? 2 : 0) | (packet.hears ? 4 : 0) | (packet.recording ? 8 : 0)
      out.set([STATUS!, flags, WISHES.indexOf(packet.wants)])
      view.setUint32(3, packet.sentAt >>> 0)
      view.setUint32(7, packet.echo >>> 0)
      const small = [packet.held, packet.lost, packet.jitter, packet.buffer]
      for (const [i, value] of small.entries()) view.setUint16(11 + 2 * i, clamped(value, 65535))
      out[19] = clamped(packet.burst, 255)
      view.setUint16(20, clamped(packet.late, 65535))
      return out
    }
    case 'bye':
      return Uint8Array.of(BYE!, BYES.indexOf(packet.reason), packet.answer ? 1 : 0)
    case 'probe':
      return Uint8Array.of(PROBE!, packet.generation >>> 8, packet.generation & 255, packet.n, packet.answer ? 1 : 0)
    case 'ordered': {
      const { data } = packet
      if (data.length > MAX_PIECE_BYTES) throw new RangeError(`a piece has at most ${MAX_PIECE_BYTES} bytes`)
      const out = new Uint8Array(ORDERED_HEADER_BYTES + data.length)
      const view = new DataView(out.buffer)
      out[0] = ORDERED!
      view.setUint32(1, packet.seq)
      view.setUint32(5, packet.acked)
      view.setUint16(9, packet.early)
      out[11] = packet.last ? 1 : 0
      out[12] = data.length
      out.set(data, ORDERED_HEADER_BYTES)
      return out
    }
  }
}

/** How long a voice packet of these blocks is. */
export function voiceBytes(blocks: readonly VoiceBlock[]): number {
  let bytes = VOICE_HEADER_BYTES
  for (const { opus } of blocks) bytes += 2 + opus.length
  return bytes
}

function encodeVoice(packet: VoicePacket): Uint8Array {
  const { blocks } = packet
  const newest = blocks[0]
  if (!newest || blocks.length > MAX_BLOCKS) throw new RangeError(`a voice packet has 1 to ${MAX_BLOCKS} blocks`)
  const out = new Uint8Array(voiceBytes(blocks))
  const view = new DataView(out.buffer)
  out[0] = VOICE!
  view.setUint32(1, newest.at >>> 0)
  out[5] = blocks.length
  let offset = VOICE_HEADER_BYTES
  for (const block of blocks) {
    const back = (newest.at - block.at) >>> 0
    if (back > 255 || block.opus.length > 255) throw new RangeError('a voice block is too old or too long')
    out[offset] = back
    out[offset + 1] = block.opus.length
    out.set(block.opus, offset + 2)
    offset += 2 + block.opus.length
  }
  return out
}

/** Reads an opened packet; what follows it must be zeros. The Opus bytes are views into `bytes`. */
export function decodePacket(bytes: Uint8Array): Result<Packet, PacketProblem> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (bytes[0]) {
    case VOICE:
      return decodeVoice(bytes, view)
    case STATUS: {
      const wants = WISHES[bytes[2] ?? 255]
      // Flags above these are for later versions, whose other words hold all the same.
      if (bytes.length < STATUS_BYTES || !wants) return bad('status')
      const status: StatusPacket = {
        kind: 'status',
        muted: (bytes[1]! & 1) !== 0,
        doubt: (bytes[1]! & 2) !== 0,
        hears: (bytes[1]! & 4) !== 0,
        recording: (bytes[1]! & 8) !== 0,
        wants,
        sentAt: view.getUint32(3),
        echo: view.getUint32(7),
        held: view.getUint16(11),
        lost: view.getUint16(13),
        jitter: view.getUint16(15),
        buffer: view.getUint16(17),
        burst: bytes[19]!,
        late: view.getUint16(20),
      }
      return finish(status, bytes, STATUS_BYTES)
    }
    case BYE: {
      const reason = BYES[bytes[1] ?? 255]
      if (bytes.length < 3 || !reason || bytes[2]! > 1) return bad('bye')
      return finish({ kind: 'bye', reason, answer: bytes[2] === 1 }, bytes, 3)
    }
    case PROBE:
      if (bytes.length < 5 || bytes[4]! > 1) return bad('probe')
      return finish({ kind: 'probe', generation: view.getUint16(1), n: bytes[3]!, answer: bytes[4] === 1 }, bytes, 5)
    case ORDERED: {
      const length = bytes[12] ?? 255
      const end = ORDERED_HEADER_BYTES + length
      if (length > MAX_PIECE_BYTES || bytes.length < end || bytes[11]! > 1) return bad('ordered')
      const data = bytes.subarray(ORDERED_HEADER_BYTES, end)
      const numbers = { seq: view.getUint32(1), acked: view.getUint32(5), early: view.getUint16(9) }
      return finish({ kind: 'ordered', ...numbers, last: bytes[11] === 1, data }, bytes, end)
    }
    default:
      return bad('packet: unknown kind')
  }
}

function decodeVoice(bytes: Uint8Array, view: DataView): Result<Packet, PacketProblem> {
  const count = bytes[5] ?? 0
  if (bytes.length < 6 || count < 1 || count > MAX_BLOCKS) return bad('voice')
  const newest = view.getUint32(1)
  const blocks: VoiceBlock[] = []
  let offset = 6
  for (let i = 0; i < count; i++) {
    const back = bytes[offset]
    const length = bytes[offset + 1]
    if (back === undefined || length === undefined || offset + 2 + length > bytes.length) return bad('voice: cut off')
    if (i === 0 && back !== 0) return bad('voice: the newest block comes first')
    blocks.push({ at: (newest - back) >>> 0, opus: bytes.subarray(offset + 2, offset + 2 + length) })
    offset += 2 + length
  }
  return finish({ kind: 'voice', blocks }, bytes, offset)
}

function clamped(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.round(value)))
}

function finish<T extends Packet>(packet: T, bytes: Uint8Array, end: number): Result<Packet, PacketProblem> {
  for (let i = end; i < bytes.length; i++) if (bytes[i] !== 0) return bad('padding')
  return ok(packet)
}

function bad(what: string) {
  return fail('badPacket', `Not a packet of this protocol: ${what}.`)
}
