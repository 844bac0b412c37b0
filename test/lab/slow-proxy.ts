import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Conditions, Lane } from './lane.js'
import { type Direction, Wire } from './wire.js'

const GOOD: Conditions = {
  rateKbps: Number.POSITIVE_INFINITY,
  delayMs: 0,
  stalled: false,
  bufferBytes: 4096,
}

/**
 * A TCP proxy on loopback between a peer and a server, whose link gets worse and better at any time. It records all that passes, when it
 * comes to the proxy.
 */
export class SlowProxy {
  /** What passed so far. */
  readonly wire = new Wire()
  readonly #server: Server
  readonly #target: number
  readonly #open = new Set<{ up: Lane; down: Lane }>()
  #conditions: Record<Direction, Conditions> = { up: GOOD, down: GOOD }
  #port = 0
  #count = 0

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, socket => this.#join(socket))
  }

  /** Listens on a free port, and passes all on to the port `target` of loopback. */
  static async open(target: number): Promise<SlowProxy> {
    const proxy = new SlowProxy(target)
    await proxy.#listen()
    return proxy
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#open.size
  }

  /** Changes the link, of connections that are open as well; what is not named stays. */
  set(change: Partial<Conditions>, direction?: Direction): void {
    for (const way of direction ? [direction] : (['up', 'down'] as const)) {
      this.#conditions = { ...this.#conditions, [way]: { ...this.#conditions[way], ...change } }
      for (const lanes of this.#open) lanes[way].set(this.#conditions[way])
    }
  }

  /** Makes the link good again. */
  heal(): void {
    this.set(GOOD)
  }

  /** Resets all connections; what was under way is lost. New ones come through. */
  cut(): void {
    for (const { up } of [...this.#open]) {
      up.from.resetAndDestroy()
      up.to.resetAndDestroy()
    }
  }

  /** Refuses new connections (ECONNREFUSED), or takes them again; those that are open go on. */
  async refuse(refused: boolean): Promise<void> {
    if (refused) this.#server.close()
    else if (!this.#server.listening) await this.#listen()
  }

  async close(): Promise<void> {
    this.cut()
    if (this.#server.listening) await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        this.#port = (this.#server.address() as AddressInfo).port
        resolve()
      })
    })
  }

  #join(near: Socket): void {
    const connection = this.#count++
    const far = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const record = (direction: Direction) => (bytes: Uint8Array) =>
      this.wire.add({ connection, direction, at: Date.now(), bytes })
    const lanes = {
      up: new Lane(near, far, this.#conditions.up, record('up')),
      down: new Lane(far, near, this.#conditions.down, record('down')),
    }
    this.#open.add(lanes)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => other.resetAndDestroy())
      socket.on('close', () => {
        if (near.destroyed && far.destroyed) this.#open.delete(lanes)
      })
    }
    // One that breaks takes the other with it; one that ends lets what is under way arrive first.
    near.on('close', () => lanes.up.close())
    far.on('close', () => lanes.down.close())
  }
}
