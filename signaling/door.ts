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
const NOTHING = Buffer.alloc(0)

/** The first byte of a connection that begins with TLS: a record of its handshake. */
const TLS_HANDSHAKE = 0x16

const TLS_ONLY = 'This port speaks TLS alone: use wss: or https:.\n'

/** How TLS is spoken at the door. */
export interface DoorTls {
  /** Whether an address, as limits count it, may begin one more handshake now. */
  readonly may: (key: string) => boolean
  readonly wrap: (socket: Socket) => Socket
}

export interface DoorOptions {
  readonly limits: Pick<Limits, 'headMs' | 'waitingPerAddress'>
  /** Whether connections from this address are not counted: a proxy's, which brings everybody's. */
  readonly uncounted: (address: string) => boolean
  /** Does something when the turn of its address has come. */
  readonly inTurn: (address: string, act: () => unknown) => void
  /** Hears of each connection that goes no further. */
  readonly rejected: (why: Rejection) => void
  /** Gets each connection that has sent a head; it reads that first, and has to pause the connection if it wants no more. */
  readonly pass: (socket: Socket) => void
  /** Absent: connections begin with HTTP. */
  readonly tls?: DoorTls
}

interface Visitor {
  /** What is read and answered: the connection, and then what TLS makes of it. */
  socket: Socket
  /** A handshake has to come first. */
  tls: DoorTls | null
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
  readonly #waiting = new Set<Visitor>()
  readonly #perAddress = new Counts()
  readonly #rest = new WeakMap<object, Buffer>()

  constructor(options: DoorOptions) {
    this.#options = options
  }

  /** Connections that wait here, and the addresses that they come from. */
  get backlog(): { readonly waiting: number; readonly addresses: number } {
    return { waiting: this.#waiting.size, addresses: this.#perAddress.size }
  }

  /** Takes a new connection, in the turn of the event loop in which it came. `tls` null: it begins with HTTP all the same. */
  open(socket: Socket, tls: DoorTls | null = this.#options.tls ?? null): void {
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
      socket,
      tls,
      key,
      counted,
      deadline: setTimeout(() => this.#late(visitor), limits.headMs),
      onData: data => this.#read(visitor, data),
      onEnd: () => visitor.socket.destroy(),
      head: NOTHING,
    }
    this.#waiting.add(visitor)
    socket.once('close', () => this.#leave(visitor))
    listen(visitor)
  }

  /** What the connection sent behind its first head; once. */
  takeRest(socket: object): Buffer {
    const rest = this.#rest.get(socket) ?? Buffer.alloc(0)
    this.#rest.delete(socket)
    return rest
  }

  /** Cuts those that wait. */
  close(): void {
    for (const { socket } of this.#waiting) socket.destroy()
  }

  #enter(key: string): boolean {
    if (this.#perAddress.of(key) >= this.#options.limits.waitingPerAddress) return false
    this.#perAddress.add(key)
    return true
  }

  /** Waits no more: gone, refused or passed on. */
  #leave(visitor: Visitor): void {
    if (!this.#waiting.delete(visitor)) return
    clearTimeout(visitor.deadline)
    // The socket's listener knows the visitor as long as the socket lives.
    visitor.head = NOTHING
    if (visitor.counted) this.#perAddress.remove(visitor.key)
  }

  #late(visitor: Visitor): void {
    if (visitor.head.length > 0) this.#refuse(visitor, 'noHead', '408 Request Timeout')
    else {
      this.#options.rejected('noHead')
      visitor.socket.destroy()
    }
  }

  #read(visitor: Visitor, data: Buffer): void {
    if (visitor.tls) {
      this.#greet(visitor, visitor.tls, data)
      return
    }
    const known = visitor.head.length
    const all = known === 0 ? data : Buffer.concat([visitor.head, data])
    visitor.head = all
    const end = all.indexOf(HEAD_END, Math.max(0, known - HEAD_END.length)) + HEAD_END.length
    if (end < HEAD_END.length && all.length <= MAX_HEAD_BYTES && isLetter(all[0]!)) return
    // Nobody reads until the next one listens.
    const socket = pause(visitor)
    if (!isLetter(all[0]!)) this.#refuse(visitor, 'notHttp', '400 Bad Request')
    else if (end < HEAD_END.length || end > MAX_HEAD_BYTES)
      this.#refuse(visitor, 'headTooLong', '431 Request Header Fields Too Large')
    else {
      if (end < all.length) this.#rest.set(socket, all.subarray(end))
      socket.unshift(all.subarray(0, end))
      this.#options.inTurn(visitor.key, () => this.#pass(visitor))
    }
  }

  /** The first bytes, where TLS is spoken: nothing is spent on that before they are there, and signatures are made one in a turn. */
  #greet(visitor: Visitor, tls: DoorTls, data: Buffer): void {
    const socket = pause(visitor)
    if (data[0] !== TLS_HANDSHAKE) {
      this.#options.rejected('notTls')
      this.#leave(visitor)
      answer(socket, '426 Upgrade Required', ['Upgrade: TLS/1.2, HTTP/1.1', 'Content-Type: text/plain'], TLS_ONLY)
      return
    }
    if (visitor.counted && !tls.may(visitor.key)) {
      this.#options.rejected('tooManyRequests')
      socket.destroy()
      return
    }
    socket.unshift(data)
    this.#options.inTurn(visitor.key, () => {
      if (!this.#waiting.has(visitor)) return false
      visitor.tls = null
      // Its end may have been read already, and is said once what TLS is handed has been read too: TLS itself would not hear of it.
      socket.once('end', () => this.#waiting.has(visitor) && visitor.socket.destroy())
      visitor.socket = tls.wrap(socket)
      listen(visitor)
      return true
    })
  }

  #refuse(visitor: Visitor, why: Rejection, status: string): void {
    this.#options.rejected(why)
    this.#leave(visitor)
    answer(visitor.socket, status)
  }

  #pass(visitor: Visitor): void {
    if (!this.#waiting.has(visitor)) return
    this.#leave(visitor)
    this.#options.pass(visitor.socket)
    visitor.socket.resume()
  }
}

function listen({ socket, onData, onEnd }: Visitor): void {
  socket.on('error', ignore).on('data', onData).on('end', onEnd)
}

/** Reads no more of it. */
function pause({ socket, onData, onEnd }: Visitor): Socket {
  return socket.off('data', onData).off('end', onEnd).pause()
}

function ignore(): void {}

/** Methods are words. What begins otherwise, TLS for example, is no HTTP. */
function isLetter(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
}
