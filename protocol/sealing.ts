/**
 * Sealing: packets become frames of a constant size, encrypted and authenticated from end to end (SFrame, RFC 9605). Sealer and
 * opener belong to a call, not to a route: the same frame may travel twice, and the second one is told as not fresh.
 */
import { type Aead, nobleAead } from './aead.js'
import { Epoch, type Lane, ReceiveChain } from './epoch-chain.js'
import type { CallKeys } from './handshake/key-schedule.js'
import { decodePacket, encodePacket, type Packet } from './packet.js'
import { fail, ok, type Result } from './result.js'
import { decodeSframeHeader, SFRAME_TAG_BYTES, sframeHeaderSize } from './sframe.js'

/**
 * The lengths that frames have on the wire, bytes: by how many 20 ms of voice each of them tells, at the bitrates of this project.
 * All that a side sends at a time has one length, whatever is in it; only what the network loses changes it.
 */
export const FRAME_BYTES = { single: 120, double: 176, triple: 216 } as const
export type FrameSize = keyof typeof FRAME_BYTES

/** The usual length of a frame, bytes. */
export const SEALED_BYTES = FRAME_BYTES.single

const LENGTHS: readonly number[] = Object.values(FRAME_BYTES)

/** Frames under one key, then the chain moves on. */
export const FRAMES_PER_EPOCH = 2 ** 16

export type Stream = 'media' | 'control'

/** Both sides need the same numbers. */
export interface SealingOptions {
  readonly framesPerEpoch?: number
  /** Who does the AES-GCM; `nobleAead` unless given. All give the same bytes, so each side takes its own. */
  readonly aead?: Aead
}

/** An opened frame. */
export interface Opened {
  readonly packet: Packet
  readonly stream: Stream
  /** False: a twin or a replay. It is authentic, but it came before or is older than the window: never use the packet. */
  readonly fresh: boolean
  /** Position on its chain: epoch * framesPerEpoch + counter; grows by one a frame. */
  readonly order: number
}

export type OpenProblem =
  | 'badFrame'
  | 'wrongSize'
  | 'wrongDirection'
  | 'epochTooFar'
  | 'epochGone'
  | 'notAuthentic'
  | 'badPacket'

/** Chains that a sealer or an opener took over. A second sealer on a chain would use each nonce twice. */
const taken = new WeakSet<Uint8Array>()

/** A header's length in a call of up to 250 days: one byte, two of the key's number, two of the counter. */
const HEADER_BYTES = 5

/** The longest packet that a frame of this size holds, however long the call, bytes. */
export function packetRoom(size: FrameSize): number {
  return FRAME_BYTES[size] - HEADER_BYTES - SFRAME_TAG_BYTES
}

/** Seals what one side sends. One for each call. */
export class Sealer {
  readonly #lines: Readonly<Record<Stream, SendLine>>

  /** Takes the two send chains over and overwrites them in `keys`; throws when that was done before. */
  constructor(keys: CallKeys, options: SealingOptions = {}) {
    const direction = keys.side === 'a' ? 0 : 1
    this.#lines = {
      media: new SendLine(takeChain(keys.chains.media.send), direction, keys.callId, options),
      control: new SendLine(takeChain(keys.chains.control.send), (2 + direction) as Lane, keys.callId, options),
    }
  }

  /**
   * Seals a packet: voice on the media chain, all else on the control chain. Always as long as `size` says. Throws a RangeError
   * when the packet does not fit: `packetRoom` tells what always does.
   */
  seal(packet: Packet, size: FrameSize = 'single'): Uint8Array {
    return this.#lines[streamOf(packet)].seal(packet, FRAME_BYTES[size])
  }
}

/** One stream on its way out: which epoch, which frame. */
class SendLine {
  readonly #callId: Uint8Array
  readonly #framesPerEpoch: number
  /** The packet in hand, zeros behind it. */
  readonly #padded = new Uint8Array(Math.max(...LENGTHS))
  #epoch: Epoch
  #counter = 0

  constructor(chain: Uint8Array, lane: Lane, callId: Uint8Array, options: SealingOptions) {
    this.#epoch = new Epoch(chain, lane, 0, options.aead ?? nobleAead)
    this.#callId = callId
    this.#framesPerEpoch = options.framesPerEpoch ?? FRAMES_PER_EPOCH
  }

  seal(packet: Packet, length: number): Uint8Array {
    const bytes = encodePacket(packet)
    if (this.#counter === this.#framesPerEpoch) this.#turn()
    const { key } = this.#epoch
    const counter = BigInt(this.#counter)
    // The header grows with its numbers; the padding shrinks by as much.
    const room = length - sframeHeaderSize(key.kid, counter) - SFRAME_TAG_BYTES
    if (bytes.length > room) throw new RangeError(`a packet of ${bytes.length} bytes does not fit: ${room} are free`)
    this.#padded.fill(0)
    this.#padded.set(bytes)
    this.#counter++
    return key.seal(counter, this.#padded.subarray(0, room), this.#callId)
  }

  #turn(): void {
    const old = this.#epoch
    this.#epoch = old.next()
    this.#counter = 0
    old.forget()
  }
}

/** Opens what the other side sealed. One for each call, whatever the routes. */
export class Opener {
  readonly #callId: Uint8Array
  readonly #direction: number
  readonly #framesPerEpoch: number
  readonly #media: ReceiveChain
  readonly #control: ReceiveChain

  /** Takes the two receive chains over and overwrites them in `keys`; throws when that was done before. */
  constructor(keys: CallKeys, options: SealingOptions = {}) {
    this.#callId = keys.callId
    this.#direction = keys.side === 'a' ? 1 : 0
    this.#framesPerEpoch = options.framesPerEpoch ?? FRAMES_PER_EPOCH
    const aead = options.aead ?? nobleAead
    this.#media = new ReceiveChain(takeChain(keys.chains.media.receive), this.#direction as Lane, aead)
    this.#control = new ReceiveChain(takeChain(keys.chains.control.receive), (2 + this.#direction) as Lane, aead)
  }

  /** Opens a frame from outside. Never throws. Nothing in here changes unless the frame is authentic. */
  open(bytes: Uint8Array): Result<Opened, OpenProblem> {
    if (!LENGTHS.includes(bytes.length)) return fail('wrongSize', `A frame has ${LENGTHS.join(', ')} bytes.`)
    const header = decodeSframeHeader(bytes)
    if (!header.ok) return header
    const { kid, counter } = header.value
    if (counter >= this.#framesPerEpoch) return fail('badFrame', 'The counter is beyond the end of an epoch.')
    if ((kid & 1n) !== BigInt(this.#direction)) return fail('wrongDirection', 'The frame is one of our own.')
    const number = Number(kid >> 2n)
    const stream = (kid & 2n) === 0n ? 'media' : 'control'
    const chain = stream === 'media' ? this.#media : this.#control
    const found = chain.find(number)
    if (!found.ok) return found
    const { epoch, window } = found.value
    const plaintext = epoch.key.open(header.value, bytes, this.#callId)
    if (!plaintext)
      return fail('notAuthentic', 'The frame was not sealed by the other side of this call, or was changed.')
    chain.settle(number)
    const fresh = window.mark(Number(counter))
    const packet = decodePacket(plaintext)
    if (!packet.ok) return packet
    if (streamOf(packet.value) !== stream) return fail('badPacket', 'A packet on the wrong stream.')
    return ok({ packet: packet.value, stream, fresh, order: number * this.#framesPerEpoch + Number(counter) })
  }
}

function streamOf(packet: Packet): Stream {
  return packet.kind === 'voice' ? 'media' : 'control'
}

function takeChain(chain: Uint8Array): Uint8Array {
  if (taken.has(chain)) throw new Error('these call keys are in use: make one sealer and one opener for a call')
  taken.add(chain)
  const own = chain.slice()
  chain.fill(0)
  return own
}
