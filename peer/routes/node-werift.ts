/** Direct connections by werift, pure TypeScript: for machines where the native engine does not load. Node's alone. */
import { createHash } from 'node:crypto'
import type { RTCPeerConnection } from 'werift'
import {
  type Connect,
  type Connection,
  type ConnectionEvents,
  candidateKind,
  type IceServer,
  type Path,
  type Signal,
} from './connection.js'
import { Guard } from './node-guard.js'
import { RemoteEnd } from './remote-end.js'
import { bareCandidate, fingerprint, offerAsClient } from './sdp.js'

type Library = typeof import('werift')
type Channel = ReturnType<RTCPeerConnection['createDataChannel']>

/** It takes 0 for "not set", which is for ever; 1 is the least that it knows. */
const CHANNEL = { negotiated: true, id: 0, ordered: false, maxRetransmits: 1 } as const
/** Without a server of ours it asks a company's; nobody answers at this address, and at once. */
const NO_SERVER = 'stun:127.0.0.1:9'
/** How long a server may take to say who we are, s: it answers, or starts to check, only after that. */
const STUN_S = 1
const NO_STUN_S = 0.02
/** Before its handshake it waits 100 ms and makes a certificate, whatever happens meanwhile; on a busy machine that takes long. */
const STOPS_MS = [300, 1_000, 3_000, 10_000]
/** DTLS 1.2 has six. */
const PAST_ALL_FLIGHTS = 7

export async function loadWerift(): Promise<Connect> {
  const library = await import('werift')
  return (events, servers) => new WeriftConnection(library, events, servers)
}

class WeriftConnection implements Connection {
  readonly #library: Library
  readonly #servers: readonly IceServer[]
  readonly #guard: Guard
  #pc: RTCPeerConnection | null = null
  #channel: Channel | null = null
  #remote: RemoteEnd | null = null
  #open = false
  /** What was asked of the engine is done one after the other. */
  #last: Promise<void> = Promise.resolve()
  /** What it does beside that: it looks for candidates. */
  #gathering: Promise<unknown> = Promise.resolve()

  constructor(library: Library, events: ConnectionEvents, servers: readonly IceServer[]) {
    this.#library = library
    this.#servers = servers
    this.#guard = new Guard(events, () => this.#release())
  }

  start(initiator: boolean): void {
    if (this.#pc) return
    this.#remote = new RemoteEnd(initiator)
    this.#guard.now(() => {
      const knowsOne = this.#servers.some(isStun)
      const pc = new this.#library.RTCPeerConnection({
        iceServers: weriftServers(this.#servers),
        iceStunGatherTimeout: knowsOne ? STUN_S : NO_STUN_S,
      })
      this.#pc = pc
      const { later } = this.#guard
      pc.onIceCandidate.subscribe(candidate => {
        const text = candidate?.candidate
        if (text) later(events => events.signal({ kind: 'candidate', text: bareCandidate(text) }))
      })
      pc.connectionStateChange.subscribe(state => {
        if (state === 'failed' || state === 'closed') later(() => this.#guard.fail(`the connection has ${state}`))
      })
      const channel = pc.createDataChannel('voice', CHANNEL)
      this.#channel = channel
      channel.stateChanged.subscribe(state => {
        if (state === 'open') later(events => this.#opened(events))
        else if (state === 'closed') later(() => this.#guard.fail('the other side has closed it'))
      })
      channel.onMessage.subscribe(message => {
        if (typeof message !== 'string') later(events => this.#open && events.message(new Uint8Array(message)))
      })
      if (initiator)
        this.#then(async () => {
          const { sdp } = await this.#setLocal(pc, pc.createOffer())
          return events => events.signal({ kind: 'offer', text: offerAsClient(sdp) })
        })
    })
  }

  signal(signal: Signal): void {
    this.#guard.now(() => {
      const pc = this.#pc
      const { kind, text } = signal
      if (!pc || !this.#remote?.takes(signal)) return
      if (kind === 'candidate') return this.#then(() => this.#check(pc, text))
      this.#then(async () => {
        await pc.setRemoteDescription({ type: kind, sdp: text })
        if (kind === 'answer') return undefined
        const { sdp } = await this.#setLocal(pc, pc.createAnswer())
        return events => events.signal({ kind: 'answer', text: sdp })
      })
    })
  }

  send(bytes: Uint8Array): void {
    if (!this.#open || this.#guard.isOver) return
    try {
      this.#channel?.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    } catch {
      // It closed just now, which its event will tell.
    }
  }

  path(): Path | null {
    const pair = this.#open && !this.#guard.isOver ? this.#pc?.iceTransports[0]?.connection.nominated : undefined
    if (!pair) return null
    return { local: candidateKind(pair.localCandidate.type), remote: candidateKind(pair.remoteCandidate.type) }
  }

  close(): void {
    this.#guard.close()
  }

  #then(run: () => Promise<((events: ConnectionEvents) => void) | undefined>): void {
    this.#last = this.#last
      .then(async () => {
        const tell = this.#guard.isOver ? undefined : await run()
        if (tell) this.#guard.now(tell)
      })
      .catch((error: unknown) => this.#guard.fail(error instanceof Error ? error.message : String(error)))
  }

  /** The engine is done with it only when it has all candidates; the other side need not wait for those. */
  async #setLocal(pc: RTCPeerConnection, created: ReturnType<RTCPeerConnection['createOffer']>) {
    const description = await created
    this.#gathering = pc.setLocalDescription(description).catch((error: unknown) => this.#guard.fail(String(error)))
    return description
  }

  /** Looks whether the other side is there. One that does not suit is no reason to give up: others may. */
  async #check(pc: RTCPeerConnection, text: string): Promise<undefined> {
    try {
      await pc.addIceCandidate({ candidate: text, sdpMid: this.#remote?.mid ?? '', sdpMLineIndex: 0 })
    } catch {
      // A name that can't be resolved, or an address of a kind that this machine does not have.
    }
  }

  /** The library compares the fingerprints itself; that it did is not left to its defaults. */
  #opened(events: ConnectionEvents): void {
    if (this.#open) return
    const certificate = this.#pc?.dtlsTransports[0]?.dtls?.remoteCertificate
    const expected = this.#remote?.fingerprint ?? ''
    const [algorithm = ''] = expected.split(' ')
    const digest = certificate && createHash(algorithm.replace('-', '')).update(certificate).digest('hex')
    const value = digest?.match(/../g)?.join(':') ?? ''
    if (fingerprint(algorithm, value) !== expected) throw new Error('it came up with somebody else')
    this.#open = true
    events.open()
  }

  #release(): void {
    this.#open = false
    const pc = this.#pc
    if (!pc) return
    pc.close().catch(() => {})
    // Closed while it gathers, it goes on to check candidates for ever, and to repeat its handshake for half a minute.
    void Promise.allSettled([this.#last, this.#gathering]).then(() => {
      for (const ms of STOPS_MS) setTimeout(() => stop(pc), ms).unref()
    })
  }
}

function stop(pc: RTCPeerConnection): void {
  for (const { connection } of pc.iceTransports) connection.close().catch(() => {})
  for (const { dtls } of pc.dtlsTransports) if (dtls) dtls.dtls.flight = PAST_ALL_FLIGHTS
}

function isStun({ url }: IceServer): boolean {
  return url.startsWith('stun:')
}

function weriftServers(servers: readonly IceServer[]) {
  const stun = servers.some(isStun) ? [] : [{ urls: NO_SERVER }]
  return [
    ...stun,
    ...servers.map(({ url, username, credential }) => ({
      urls: url,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    })),
  ]
}
