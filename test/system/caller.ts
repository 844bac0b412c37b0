import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { ClientOptions } from 'ws'
import type { Identity } from '../../protocol/identity.js'
import { RelayLeg } from '../../protocol/relay-leg.js'
import type { FromServer } from '../../protocol/signaling.js'
import { newIdentity, newSession } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'

/** Looks again and again. */
export async function until(done: () => boolean | Promise<boolean>, ms = 20_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) if (await done()) return true
  return done()
}

/** A program that goes where its server sends it, as the peer does. */
export class Caller {
  readonly #identity: Identity
  readonly #reach: (url: string) => ClientOptions
  readonly #session = newSession()
  readonly heard: number[] = []
  client!: WsClient
  url = ''
  #leg!: RelayLeg
  callId: string | undefined

  /** `reach`: how a URL is reached, where that is not by this machine's own network. */
  constructor(
    readonly id: string,
    readonly to: string,
    reach: (url: string) => ClientOptions = () => ({}),
    identity = newIdentity(),
  ) {
    this.#reach = reach
    this.#identity = identity
  }

  async goTo(url: string): Promise<void> {
    const client = await WsClient.online(url, this.id, this.#identity, this.#session, undefined, {}, this.#reach(url))
    const refused = client.heard.find(({ type }) => type === 'refused')
    if (refused) throw new Error(JSON.stringify(refused))
    const leg = new RelayLeg({
      now: () => performance.now(),
      transmit: bytes => client.socket.send(bytes),
      deliver: payload => this.heard.push(payload[0]!),
    })
    client.socket.on('message', (data: Buffer, isBinary: boolean) => isBinary && leg.receive(data))
    const call = { type: 'call', to: this.to, ...(this.callId !== undefined && { resume: this.callId }) }
    client.socket.send(JSON.stringify(call))
    if (this.callId !== undefined) await until(() => this.matchedBy(client) !== undefined)
    Object.assign(this, { client, url })
    this.#leg = leg
  }

  matchedBy(client: WsClient): Extract<FromServer, { type: 'matched' }> | undefined {
    return client.heard.findLast(m => m.type === 'matched')
  }

  async matched(): Promise<boolean> {
    const is = await until(() => this.matchedBy(this.client) !== undefined)
    this.callId = this.matchedBy(this.client)?.callId
    return is
  }

  say(n: number): void {
    this.#leg.send(Uint8Array.of(n, 0, 0))
  }

  /** Follows a `move`, if there was one. */
  async follow(): Promise<boolean> {
    const move = this.client.heard.findLast(m => m.type === 'move')
    if (!move || move.url === this.url) return false
    await this.goTo(move.url)
    return true
  }
}

/** Whether voice goes both ways between two. */
export async function talks(one: Caller, other: Caller): Promise<boolean> {
  one.heard.length = other.heard.length = 0
  return until(() => {
    one.say(1)
    other.say(2)
    return one.heard.includes(2) && other.heard.includes(1)
  }, 10_000)
}

/** Both say a number each 20 ms, until what this gives is called: that ends it, and all of it must have come. */
export function speaking(t: Test, one: Caller, other: Caller) {
  one.heard.length = other.heard.length = 0
  let spoken = 0
  const timer = setInterval(() => {
    spoken++
    one.say(spoken % 250)
    other.say(spoken % 250)
  }, 20)
  t.teardown(() => clearInterval(timer))
  return async (what: string) => {
    clearInterval(timer)
    await until(() => one.heard.length === spoken && other.heard.length === spoken, 2_000)
    const all = Array.from({ length: spoken }, (_, n) => (n + 1) % 250)
    t.same([one.heard, other.heard], [all, all], `${what}: all of ${spoken} frames each way`)
  }
}
