/** The bus of a cluster over core NATS. */
import { setTimeout as pause } from 'node:timers/promises'
import { errors, type NatsConnection, type NodeConnectionOptions, type Subscription } from '@nats-io/transport-node'
import type { Bus, BusAnswer, BusListener } from './bus.js'
import type { ClusterLogin } from './cluster-login.js'

export interface NatsBusOptions {
  /** `nats://host:port`, or `tls://host:port`. */
  readonly servers: readonly string[]
  readonly login?: ClusterLogin
  /** How the connection is called at NATS. */
  readonly name: string
  /** The connection was made, once: it lasts. */
  readonly connected: (connection: NatsConnection) => void
  /** It went up or down; down also where it can't be had at first. */
  readonly report: (isUp: boolean) => void
}

/** Between attempts to reach another NATS server, ms. */
const AGAIN_MS = 200
/** NATS servers that say nothing for two of these are left, ms. */
const PING_MS = 2_000

interface Listening {
  readonly subject: string
  readonly listener: BusListener
  subscription: Subscription | null
}

export class NatsBus implements Bus {
  onChange: (isUp: boolean) => void = () => {}
  readonly #listening = new Set<Listening>()
  readonly #options: NatsBusOptions
  #connection: NatsConnection | null = null
  #isUp = false
  #closed = false

  /** Begins to connect, and goes on until it can: NATS may come later. */
  constructor(options: NatsBusOptions) {
    this.#options = options
    void this.#connect()
  }

  get isUp(): boolean {
    return this.#isUp
  }

  publish(subject: string, message: Uint8Array): void {
    // The library would keep it until it is connected again; what is old then does harm.
    if (this.#isUp) this.#connection?.publish(subject, message)
  }

  async request(subject: string, message: Uint8Array, timeoutMs: number): Promise<BusAnswer> {
    if (!this.#isUp || !this.#connection) return 'silence'
    try {
      const { data } = await this.#connection.request(subject, message, { timeout: timeoutMs })
      return data
    } catch (error) {
      return isNobody(error) ? 'nobody' : 'silence'
    }
  }

  subscribe(subject: string, listener: BusListener): () => void {
    const listening: Listening = { subject, listener, subscription: null }
    this.#listening.add(listening)
    if (this.#connection) this.#listen(listening, this.#connection)
    return () => {
      this.#listening.delete(listening)
      listening.subscription?.unsubscribe()
    }
  }

  /** What was published is on its way when it resolves. */
  async close(): Promise<void> {
    this.#closed = true
    const connection = this.#connection
    if (this.#isUp) await connection?.flush().catch(() => {})
    this.#isUp = false
    await connection?.close()
  }

  async #connect(): Promise<void> {
    const { connect } = await import('@nats-io/transport-node')
    let said = false
    while (!this.#closed) {
      try {
        const connection = await connect(connectionOptions(this.#options))
        if (this.#closed) return connection.close()
        this.#connection = connection
        for (const listening of this.#listening) this.#listen(listening, connection)
        this.#options.connected(connection)
        this.#set(true)
        await this.#watch(connection)
        return
      } catch {
        if (!said && !this.#closed) this.#options.report(false)
        said = true
        await pause(AGAIN_MS, undefined, { ref: false })
      }
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status())
      if (status.type === 'disconnect') this.#set(false)
      else if (status.type === 'reconnect') this.#set(true)
  }

  #set(isUp: boolean): void {
    if (this.#isUp === isUp) return
    this.#isUp = isUp
    if (!this.#closed) this.#options.report(isUp)
    this.onChange(isUp)
  }

  #listen(listening: Listening, connection: NatsConnection): void {
    listening.subscription = connection.subscribe(listening.subject, {
      callback: (error, message) => {
        if (!error) listening.listener(message.data, bytes => message.respond(bytes))
      },
    })
  }
}

function connectionOptions({ servers, name, login }: NatsBusOptions): NodeConnectionOptions {
  const urls = servers.map(server => new URL(server))
  return {
    servers: urls.map(({ host }) => host),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: AGAIN_MS,
    reconnectJitter: AGAIN_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ...login,
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  }
}

function isNobody(error: unknown): boolean {
  return error instanceof errors.RequestError && error.isNoResponders()
}
