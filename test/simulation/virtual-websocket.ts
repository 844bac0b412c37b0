/** A websocket in the simulated world: two ordered streams that are late, stall, go dead and break, and what is said on them. */
import type { Clock } from '../../protocol/clock.js'
import type { ServerSocket } from '../../signaling/index.js'
import type { Host } from './host.js'
import { VirtualStream } from './virtual-stream.js'

/** Bytes of a message's own header, and of an HTTP request or answer. */
const FRAME_BYTES = 8
const HTTP_BYTES = 300
/** A closing handshake may take this long, ms; then the socket is cut (`ws` does so). */
const CLOSING_MS = 30_000

/** Who answers at the other end. */
export interface Listener {
  readonly host: Host
  /** False: nothing listens at that port. */
  readonly listening: boolean
  /** Takes a socket that has just opened. */
  accept(socket: ServerSocket, from: Host): void
}

export interface WebSocketParts {
  /** The world's clock: the systems and their networks go on when a process does not. */
  readonly clock: Clock
  readonly client: Host
  readonly listener: Listener
  /** Whether anything passes between the two now, in that direction. */
  readonly passes: (from: Host, to: Host) => boolean
  readonly fastRetransmit?: boolean
  readonly tell: (words: string) => void
  /** Both ends are closed, or dead. */
  readonly over: () => void
}

export class VirtualWebSocket {
  readonly client: End
  readonly server: End
  readonly #parts: WebSocketParts
  readonly #up: VirtualStream
  readonly #down: VirtualStream

  constructor(parts: WebSocketParts) {
    this.#parts = parts
    const { clock, client, listener, passes, fastRetransmit = false } = parts
    const server = listener.host
    this.#up = new VirtualStream(clock, {
      path: client.up,
      to: server,
      passes: () => passes(client, server),
      fastRetransmit,
      gaveUp: () => this.#gaveUp(this.client),
    })
    this.#down = new VirtualStream(clock, {
      path: client.down,
      to: client,
      passes: () => passes(server, client),
      fastRetransmit,
      gaveUp: () => this.#gaveUp(this.server),
    })
    const over = () => {
      if (this.client.isClosed && this.server.isClosed) parts.over()
    }
    this.client = new End(clock, client, this.#up, () => this.server, over)
    this.server = new End(clock, server, this.#down, () => this.client, over)
    this.#connect()
  }

  /** From now on nothing passes, and nobody is told. */
  strand(): void {
    this.#up.strand()
    this.#down.strand()
    this.#parts.over()
  }

  /** Breaks it in the middle (a middlebox resets it): each end hears of it one way later. */
  break(): void {
    this.client.reset('cut')
    this.server.reset('cut')
  }

  /** The client's machine woke up, and its retransmission timers with it; the server's go on as they were. */
  hurry(): void {
    this.#up.hurry()
  }

  #gaveUp(end: End): void {
    end.gaveUp()
    this.#parts.over()
  }

  /** TCP's handshake is one round trip; half a round trip later the request to upgrade comes. */
  #connect(): void {
    const { client, server } = this
    const { listener, tell } = this.#parts
    const ifListening = (then: () => void) => {
      // A process that died meanwhile has cut what it had not accepted yet.
      if (client.isClosed || server.isClosed) return
      if (listener.listening) return then()
      this.#down.send(0, () => client.shut(1006, 'nothing answers at that address and port'))
      tell('socket refused')
    }
    const upgrade = () =>
      ifListening(() => {
        this.#down.send(HTTP_BYTES, () => client.opened())
        server.opened()
        tell('socket opened')
        listener.accept(server, this.#parts.client)
      })
    this.#up.send(0, () => ifListening(() => this.#down.send(0, () => this.#up.send(HTTP_BYTES, upgrade))))
  }
}

export class End implements ServerSocket {
  onMessage: (data: string | Uint8Array) => void = () => {}
  onClose: (code: number, reason: string) => void = () => {}
  onPing: () => void = () => {}
  onPong: () => void = () => {}
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'

  constructor(
    private readonly clock: Clock,
    private readonly host: Host,
    private readonly out: VirtualStream,
    private readonly other: () => End,
    private readonly over: () => void,
  ) {}

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  get bufferedAmount(): number {
    return this.out.bufferedAmount
  }

  /** As `ws` does, drops what is sent before it is open or after it was closed. */
  send(data: string | Uint8Array): void {
    if (this.#state !== 'open') return
    const copy = typeof data === 'string' ? data : data.slice()
    const other = this.other()
    this.out.send(data.length + FRAME_BYTES, () => {
      if (other.#state === 'open' || other.#state === 'closing') other.onMessage(copy)
    })
  }

  ping(): void {
    if (this.#state === 'open') this.out.send(FRAME_BYTES, () => this.other().#pinged())
  }

  close(code = 1005, reason = ''): void {
    if (this.#state === 'connecting') return this.terminate()
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.out.closed = true
    this.out.send(FRAME_BYTES, () => this.other().#closing(code, reason))
    this.clock.setTimeout(() => {
      if (this.#state === 'closing') this.terminate()
    }, CLOSING_MS)
  }

  terminate(): void {
    if (this.#state === 'closed') return
    this.out.closed = true
    this.out.send(0, () => this.other().shut(1006, ''))
    // Deaf at once; told a turn later, as by the event loop.
    this.#end(1006, '')
  }

  /** Something on the way has reset the connection. */
  reset(reason: string): void {
    if (this.#state === 'closed') return
    const other = this.other()
    this.out.reset(() => other.shut(1006, reason))
  }

  gaveUp(): void {
    this.host.deliver(() => this.shut(1006, 'the connection timed out'), false)
  }

  opened(): void {
    if (this.#state === 'connecting') this.#state = 'open'
  }

  /** It is over at this end, if it isn't yet. Called in the turn of the process. */
  shut(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.out.closed = true
    this.onClose(code, reason)
    this.over()
  }

  #end(code: number, reason: string): void {
    this.#state = 'closed'
    this.clock.setTimeout(() => this.host.deliver(() => this.onClose(code, reason), false), 0)
    this.over()
  }

  /** The other end began to close, or answers ours. */
  #closing(code: number, reason: string): void {
    if (this.#state === 'open') {
      this.out.closed = true
      this.out.send(FRAME_BYTES, () => this.other().#closing(code, reason))
    }
    this.shut(code, reason)
  }

  #pinged(): void {
    if (this.#state === 'closed') return
    this.out.send(FRAME_BYTES, () => this.other().#state !== 'closed' && this.other().onPong())
    this.onPing()
  }
}
