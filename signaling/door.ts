/**
 * The door of the server: a new connection waits here until it has sent the whole head of its first request, and only that goes on to
 * HTTP. So who says nothing, or says it slowly, costs a socket and a timer; and who sends a thousand requests in one go is heard once:
 * Node would parse and answer all that are in what it has read before it does anything else.
 */
import type { Socket } from 'node:net'
import { limitKey } from './address.js'
import { answer } from './answer.js'
import { Counts } from './counts.js'
import type { Limits } from './limits.js'
import type { Rejection } from './tally.js'

/** As Node's own limit. */
const MAX_HEAD_BYTES = 16 * 1024
const HEAD_END = '\r\n\r\n'

export interface DoorOptions {
  readonly limits: Pick<Limits, 'headMs' | 'waitingPerAddress'>
  /** Whether connections from this address are not counted: a proxy's, which brings everybody's. */
  readonly uncounted: (address: string) => boolean
  /** Does something when the turn of its address has come. */
  readonly inTurn: (address: string, act: () => void) => void
  /** Hears of each connection that goes no further. */
  readonly rejected: (why: Rejection) => void
  /** Gets each connection that has sent a head; it reads that first, and has to pause the connection if it wants no more. */
  readonly pass: (socket: Socket) => void
}

interface Visitor {
  /** Its address as limits count it, and whether they do. */
  readonly key: string
  readonly counted: boolean
  readonly deadline: NodeJS.Timeout
  readonly onData: (data: Buffer) => void
  readonly onEnd: () => void
  head: Buffer
}

export class Door {
  readonly #options: DoorOptions
  readonly #waiting = new Map<Socket, Visitor>()
  readonly #perAddress = new Counts()
  readonly #rest = new WeakMap<object, Buffer>()

  constructor(options: DoorOptions) {
    this.#options = options
  }

  /** Connections that wait here, and the addresses that they come from. */
  get backlog(): { readonly waiting: number; readonly addresses: number } {
    return { waiting: this.#waiting.size, addresses: this.#perAddress.size }
  }

  /** Takes a new connection, in the turn of the event loop in which it came. */
  open(socket: Socket): void {
    const { limits, uncounted } = this.#options
    const address = socket.remoteAddress ?? ''
    const key = limitKey(address)
    const counted = !uncounted(address)
    // Not even an answer: it would have to be kept until it is read.
    if (counted && !this.#enter(key)) {
      this.#options.rejected('tooManyWaiting')
      socket.destroy()
      return
    }
    const visitor: Visitor = {
      key,
      counted,
      deadline: setTimeout(() => this.#late(socket, visitor), limits.headMs),
      onData: data => this.#read(socket, visitor, data),
      onEnd: () => socket.destroy(),
      head: Buffer.alloc(0),
    }
    this.#waiting.set(socket, visitor)
    socket.on('error', ignore).on('data', visitor.onData).on('end', visitor.onEnd)
    socket.once('close', () => this.#leave(socket, visitor))
  }

  /** What the connection sent behind its first head; once. */
  takeRest(socket: object): Buffer {
    const rest = this.#rest.get(socket) ?? Buffer.alloc(0)
    this.#rest.delete(socket)
    return rest
  }

  /** Cuts those that wait. */
  close(): void {
    for (const socket of this.#waiting.keys()) socket.destroy()
  }

  #enter(key: string): boolean {
    if (this.#perAddress.of(key) >= this.#options.limits.waitingPerAddress) return false
    this.#perAddress.add(key)
    return true
  }

  /** Waits no more: gone, refused or passed on. */
  #leave(socket: Socket, { key, counted, deadline }: Visitor): void {
    if (!this.#waiting.delete(socket)) return
    clearTimeout(deadline)
    if (counted) this.#perAddress.remove(key)
  }

  #late(socket: Socket, visitor: Visitor): void {
    if (visitor.head.length > 0) this.#refuse(socket, visitor, 'noHead', '408 Request Timeout')
    else {
      this.#options.rejected('noHead')
      socket.destroy()
    }
  }

  #read(socket: Socket, visitor: Visitor, data: Buffer): void {
    const known = visitor.head.length
    const all = known === 0 ? data : Buffer.concat([visitor.head, data])
    visitor.head = all
    const end = all.indexOf(HEAD_END, Math.max(0, known - HEAD_END.length)) + HEAD_END.length
    if (end < HEAD_END.length && all.length <= MAX_HEAD_BYTES && isLetter(all[0]!)) return
    // Nobody reads until the next one listens.
    socket.off('data', visitor.onData).off('end', visitor.onEnd).pause()
    if (!isLetter(all[0]!)) this.#refuse(socket, visitor, 'notHttp', '400 Bad Request')
    else if (end < HEAD_END.length || end > MAX_HEAD_BYTES)
      this.#refuse(socket, visitor, 'headTooLong', '431 Request Header Fields Too Large')
    else {
      if (end < all.length) this.#rest.set(socket, all.subarray(end))
      socket.unshift(all.subarray(0, end))
      this.#options.inTurn(visitor.key, () => this.#pass(socket, visitor))
    }
  }

  #refuse(socket: Socket, visitor: Visitor, why: Rejection, status: string): void {
    this.#options.rejected(why)
    this.#leave(socket, visitor)
    answer(socket, status)
  }

  #pass(socket: Socket, visitor: Visitor): void {
    if (!this.#waiting.has(socket)) return
    this.#leave(socket, visitor)
    this.#options.pass(socket)
    socket.resume()
  }
}

function ignore(): void {}

/** Methods are words. What begins otherwise, TLS for example, is no HTTP. */
function isLetter(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
}
