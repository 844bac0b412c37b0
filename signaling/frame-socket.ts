/**
 * The server's end of a websocket, after the upgrade: a stream, its frames read by a FrameReader, and each message written as one
 * frame in one piece.
 */
import type { Duplex } from 'node:stream'
import { type FrameLimits, type FrameProblem, FrameReader, type FrameSink } from './frame-reader.js'
import type { ServerSocket } from './server-socket.js'

const TEXT = 0x81
const BINARY = 0x82
const CLOSE = 0x88
const PING = 0x89
const PONG = 0x8a
/** Codes that are said of a connection, and never sent (RFC 6455, section 7.4.1). */
const NO_STATUS = 1005
const BROKEN = 1006
/** Who was told that it is over, and does not go, is cut after this, ms. */
const CLOSING_MS = 2000
const NOTHING = new Uint8Array(0)

export interface FrameSocketOptions {
  readonly limits: FrameLimits
  /** What the client sent behind its request. */
  readonly head: Buffer
  /** What came was no websocket's, or too much; the socket closes by itself. */
  readonly onProblem: (problem: FrameProblem) => void
}

export class FrameSocket implements ServerSocket, FrameSink {
  onMessage: (data: string | Uint8Array) => void = ignore
  onClose: (code: number, reason: string) => void = ignore
  onPong: () => void = ignore
  onPing: () => void = ignore
  readonly #stream: Duplex
  readonly #reader: FrameReader
  readonly #onProblem: (problem: FrameProblem) => void
  #open = true
  /** What the other end closed with. */
  #closed: { readonly code: number; readonly reason: string } | null = null
  #deadline: NodeJS.Timeout | undefined

  constructor(stream: Duplex, { limits, head, onProblem }: FrameSocketOptions) {
    this.#stream = stream
    this.#onProblem = onProblem
    this.#reader = new FrameReader(this, limits)
    stream.on('error', ignore)
    stream.on('end', () => this.#end())
    stream.on('close', () => this.#gone())
    if (head.length > 0) stream.unshift(head)
    stream.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  get bufferedAmount(): number {
    return this.#stream.writableLength
  }

  send(data: string | Uint8Array): void {
    if (!this.#open) return
    this.#stream.write(typeof data === 'string' ? frame(TEXT, Buffer.from(data)) : frame(BINARY, data))
  }

  ping(): void {
    if (this.#open) this.#stream.write(frame(PING, NOTHING))
  }

  close(code = NO_STATUS, reason = ''): void {
    if (!this.#open) return
    this.#open = false
    this.#stream.write(closeFrame(code, reason))
    this.#cutSoon()
  }

  terminate(): void {
    this.#open = false
    this.#reader.stop()
    this.#stream.destroy()
  }

  /** @internal */
  message(data: string | Uint8Array): void {
    this.onMessage(data)
  }

  /** @internal */
  pinged(data: Uint8Array): void {
    if (this.#open) this.#stream.write(frame(PONG, data))
    this.onPing()
  }

  /** @internal */
  ponged(): void {
    this.onPong()
  }

  /** @internal */
  closing(code: number, reason: string): void {
    this.#closed = { code, reason }
    this.close(code, reason)
    this.#end()
  }

  #read(chunk: Buffer): void {
    const problem = this.#reader.read(chunk)
    if (!problem) return
    this.#onProblem(problem)
    this.close(problem.code)
    this.#end()
  }

  /** Nothing more is sent. What still comes is read and forgotten: a reset would take what was sent last from the other end. */
  #end(): void {
    this.#open = false
    this.#stream.end()
    this.#cutSoon()
  }

  #cutSoon(): void {
    this.#deadline ??= setTimeout(() => this.terminate(), CLOSING_MS)
  }

  #gone(): void {
    clearTimeout(this.#deadline)
    this.#open = false
    this.onClose(this.#closed?.code ?? BROKEN, this.#closed?.reason ?? '')
  }
}

/** One unmasked frame (RFC 6455, section 5.2). */
function frame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.allocUnsafe(start + length)
  bytes[0] = first
  if (start === 2) bytes[1] = length
  else if (start === 4) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(length), 2)
  }
  bytes.set(payload, start)
  return bytes
}

function closeFrame(code: number, reason: string): Buffer {
  if (code === NO_STATUS) return frame(CLOSE, NOTHING)
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code, 0)
  payload.write(reason, 2)
  return frame(CLOSE, payload)
}

function ignore(): void {}
