import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'
import { originOf } from '../../protocol/login.js'
import { type FromServer, parseFromServer } from '../../protocol/signaling.js'
import { loginText, newIdentity, newSession } from './fake-client.js'

/** A real websocket to a real server, all that it hears kept, and a way to wait for it. */
export class WsClient {
  readonly heard: FromServer[] = []
  readonly binary: Buffer[] = []
  closed: { code: number; reason: string } | null = null
  #wake: (() => void)[] = []

  private constructor(
    readonly socket: WebSocket,
    readonly url: string,
  ) {
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.binary.push(data)
      else {
        const parsed = parseFromServer(data.toString())
        if (parsed.ok) this.heard.push(parsed.value)
        else throw new Error(`the server said ${data}`)
      }
      this.#woken()
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      this.#woken()
    })
    socket.on('error', () => {})
  }

  /** Connects and waits for the challenge. `from`: one of this machine's addresses to connect from. `headers`: of the upgrade. `more`: of TLS for example. */
  static async open(
    url: string,
    from?: string,
    headers: Readonly<Record<string, string>> = {},
    more: ClientOptions = {},
  ): Promise<WsClient> {
    const options = { perMessageDeflate: false, headers, ...more, ...(from !== undefined && { localAddress: from }) }
    const client = new WsClient(new WebSocket(url, options), url)
    await once(client.socket, 'open')
    await client.until(() => client.heard.length > 0)
    return client
  }

  /** Connects, logs in, waits for the answer. */
  static async online(
    url: string,
    id: string,
    identity = newIdentity(),
    session = newSession(),
    from?: string,
    headers: Readonly<Record<string, string>> = {},
    more: ClientOptions = {},
  ): Promise<WsClient> {
    const client = await WsClient.open(url, from, headers, more)
    const [first] = client.heard
    if (first?.type !== 'challenge') throw new Error('no challenge')
    client.socket.send(loginText(first.challenge, { id, identity, session, origin: originOf(url) ?? url }))
    await client.until(() => client.has('online') || client.has('refused'))
    return client
  }

  has(type: FromServer['type']): boolean {
    return this.heard.some(m => m.type === type)
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** Waits for a message of this type, takes it and what came before it. */
  async next<T extends FromServer['type']>(type: T): Promise<Extract<FromServer, { type: T }>> {
    await this.until(() => this.has(type))
    const at = this.heard.findIndex(m => m.type === type)
    return this.heard.splice(0, at + 1)[at] as Extract<FromServer, { type: T }>
  }

  /** Waits until `done` holds; fails when the socket closes first. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.closed) throw new Error(`closed: ${this.closed.code} ${this.closed.reason}`)
      await new Promise<void>(resolve => this.#wake.push(resolve))
    }
  }

  async untilClosed(): Promise<{ code: number; reason: string }> {
    while (!this.closed) await new Promise<void>(resolve => this.#wake.push(resolve))
    return this.closed
  }

  #woken(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

/** Two in a call over a real server. */
export async function realCall(url: string, one = 'a', two = 'b', ca?: string) {
  const online = (id: string) =>
    WsClient.online(url, id, newIdentity(), newSession(), undefined, {}, ca === undefined ? {} : { ca })
  const a = await online(one)
  const b = await online(two)
  a.say({ type: 'call', to: two })
  b.say({ type: 'call', to: one })
  const { callId } = await a.next('matched')
  await b.next('matched')
  return { a, b, callId }
}
