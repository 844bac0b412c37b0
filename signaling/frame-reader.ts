/**
 * Reads what a websocket's client sends (RFC 6455, sections 5 to 7): bytes in, messages out. Strict: what the RFC forbids ends the
 * connection with the code that it names. Holds no more than one message of the longest length, and the start of one frame.
 */
import { isUtf8 } from 'node:buffer'

/** What is wrong, for the log; and the code with which the connection is closed (RFC 6455, section 7.4.1). */
export interface FrameProblem {
  readonly name: 'badFrame' | 'notUtf8' | 'tooManyFragments' | 'tooLongMessage'
  readonly code: 1002 | 1007 | 1008 | 1009
}

/** Gets what was read, in order. */
export interface FrameSink {
  /** Binary data is a view into what was read, unmasked in place: the sink may keep it and write into it. */
  message(data: string | Uint8Array): void
  pinged(data: Uint8Array): void
  ponged(): void
  /** The other end closes; nothing comes after it. `code` 1005: it named none. */
  closing(code: number, reason: string): void
}

export interface FrameLimits {
  /** Of a message, all its fragments together. */
  readonly messageBytes: number
  readonly fragments: number
}

const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10
const FINAL = 0x80
const RESERVED = 0x70
const MASKED = 0x80
const MASK_BYTES = 4
const MAX_CONTROL_BYTES = 125
const NO_STATUS = 1005

const badFrame: FrameProblem = { name: 'badFrame', code: 1002 }
const notUtf8: FrameProblem = { name: 'notUtf8', code: 1007 }
const tooManyFragments: FrameProblem = { name: 'tooManyFragments', code: 1008 }
const tooLongMessage: FrameProblem = { name: 'tooLongMessage', code: 1009 }

/** A message whose last fragment has not come yet. */
interface Fragments {
  readonly opcode: number
  readonly parts: Uint8Array[]
  bytes: number
}

export class FrameReader {
  readonly #sink: FrameSink
  readonly #limits: FrameLimits
  /** The start of a frame that has not come whole. */
  #rest: Buffer | null = null
  #fragments: Fragments | null = null
  #over = false

  constructor(sink: FrameSink, limits: FrameLimits) {
    this.#sink = sink
    this.#limits = limits
  }

  /** Reads no more: what comes is ignored. */
  stop(): void {
    this.#over = true
    this.#rest = this.#fragments = null
  }

  /** Takes bytes as they come; they are its own now. Null, or why the connection has to end: then it reads no more. */
  read(chunk: Buffer): FrameProblem | null {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = null
    let at = 0
    while (!this.#over && bytes.length - at >= 2) {
      const lengthField = bytes[at + 1]! & 0x7f
      const lengthBytes = lengthField < 126 ? 0 : lengthField === 126 ? 2 : 8
      const problem = this.#headProblem(bytes[at]!, bytes[at + 1]!)
      if (problem) return this.#fail(problem)
      const mask = at + 2 + lengthBytes
      if (bytes.length < mask) break
      const length = lengthBytes === 0 ? lengthField : lengthIn(bytes, at + 2, lengthBytes)
      if (isData(bytes[at]!) && length + (this.#fragments?.bytes ?? 0) > this.#limits.messageBytes)
        return this.#fail(tooLongMessage)
      const start = mask + MASK_BYTES
      const end = start + length
      if (bytes.length < end) break
      unmask(bytes, mask, start, end)
      const wrong = this.#frame(bytes[at]!, bytes.subarray(start, end))
      if (wrong) return this.#fail(wrong)
      at = end
    }
    // A copy: a few bytes would hold on to all that came with them.
    if (!this.#over && at < bytes.length) this.#rest = at === 0 ? bytes : Buffer.from(bytes.subarray(at))
    return null
  }

  #fail(problem: FrameProblem): FrameProblem {
    this.stop()
    return problem
  }

  /** Found out before the rest of the frame is there: nobody waits for what will be refused. */
  #headProblem(first: number, second: number): FrameProblem | null {
    const opcode = first & 0x0f
    const final = (first & FINAL) !== 0
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0) return badFrame
    if (opcode === 0) return this.#fragments ? null : badFrame
    if (opcode === TEXT || opcode === BINARY) return this.#fragments ? badFrame : null
    if (opcode < CLOSE || opcode > PONG || !final) return badFrame
    const length = second & 0x7f
    return length > MAX_CONTROL_BYTES || (opcode === CLOSE && length === 1) ? badFrame : null
  }

  #frame(first: number, payload: Buffer): FrameProblem | null {
    const opcode = first & 0x0f
    const final = (first & FINAL) !== 0
    switch (opcode) {
      case CLOSE:
        return this.#close(payload)
      case PING:
        this.#sink.pinged(payload)
        return null
      case PONG:
        this.#sink.ponged()
        return null
      default:
        return final && opcode !== 0 ? this.#message(opcode, payload) : this.#fragment(opcode, final, payload)
    }
  }

  #fragment(opcode: number, final: boolean, payload: Buffer): FrameProblem | null {
    this.#fragments ??= { opcode, parts: [], bytes: 0 }
    const { parts } = this.#fragments
    parts.push(Buffer.from(payload))
    this.#fragments.bytes += payload.length
    if (parts.length > this.#limits.fragments) return tooManyFragments
    if (!final) return null
    const whole = this.#fragments
    this.#fragments = null
    return this.#message(whole.opcode, Buffer.concat(parts))
  }

  #message(opcode: number, data: Buffer): FrameProblem | null {
    if (opcode === BINARY) this.#sink.message(data)
    else if (isUtf8(data)) this.#sink.message(data.toString())
    else return notUtf8
    return null
  }

  #close(payload: Buffer): FrameProblem | null {
    const code = payload.length === 0 ? NO_STATUS : payload.readUInt16BE(0)
    if (payload.length > 0 && !mayBeSent(code)) return badFrame
    const reason = payload.subarray(2)
    if (!isUtf8(reason)) return notUtf8
    this.stop()
    this.#sink.closing(code, reason.toString())
    return null
  }
}

function isData(first: number): boolean {
  return (first & 0x0f) < CLOSE
}

/** Above 2^53 it is not exact, and far more than anybody takes. */
function lengthIn(bytes: Buffer, at: number, size: number): number {
  return size === 2 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
}

function unmask(bytes: Buffer, mask: number, start: number, end: number): void {
  const [a, b, c, d] = [bytes[mask]!, bytes[mask + 1]!, bytes[mask + 2]!, bytes[mask + 3]!]
  let at = start
  for (; at + 3 < end; at += 4) {
    bytes[at]! ^= a
    bytes[at + 1]! ^= b
    bytes[at + 2]! ^= c
    bytes[at + 3]! ^= d
  }
  if (at < end) bytes[at++]! ^= a
  if (at < end) bytes[at++]! ^= b
  if (at < end) bytes[at]! ^= c
}

/** Codes that a close frame may hold (RFC 6455, section 7.4, and the registry that it opened). */
function mayBeSent(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code < 5000)
  )
}
