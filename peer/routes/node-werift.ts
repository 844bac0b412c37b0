/** Direct connections by werift, pure TypeScript: for machines where the native engine does not load. Node's alone. */
import { createHash } from 'node:crypto'
import type { RTCPeerConnection } from 'werift'
import { reasonOf } from '../../protocol/reason.js'
import { type Connect, candidateKind, type IceServer, type Path } from './connection.js'
import { type Home, NodeConnection, type Part } from './node-connection.js'
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
/** Its numbers for states of SCTP. */
const SHUTDOWN_SENT = 6
const SHUTDOWN_ACK_SENT = 8

export async function loadWerift(): Promise<Connect> {
  const library = await import('werift')
  return (events, servers) => new NodeConnection(events, home => new WeriftPart(library, servers, home))
}

class WeriftPart implements Part {
  readonly #home: Home
  readonly #pc: RTCPeerConnection
  #channel: Channel | null = null
  /** What was asked of the engine is done one after the other. */
  #last: Promise<void> = Promise.resolve()
  /** What it does beside that: it looks for candidates. */
  #gathering: Promise<unknown> = Promise.resolve()

  constructor({ RTCPeerConnection }: Library, servers: readonly IceServer[], home: Home) {
    this.#home = home
    this.#pc = new RTCPeerConnection({
      iceServers: weriftServers(servers),
      iceStunGatherTimeout: servers.some(isStun) ? STUN_S : NO_STUN_S,
    })
  }

  start(): void {
    const [pc, home] = [this.#pc, this.#home]
    pc.onIceCandidate.subscribe(candidate => {
      const text = candidate?.candidate
      if (text) home.guard.later(() => home.tell('candidate', bareCandidate(text)))
    })
    pc.connectionStateChange.subscribe(state => home.changed(state))
    const channel = pc.createDataChannel('voice', CHANNEL)
    this.#channel = channel
    mendShutdown(pc)
    channel.stateChanged.subscribe(state => {
      if (state === 'open') home.opened(() => this.#shownFingerprint())
      else if (state === 'closed') home.channelClosed()
    })
    channel.onMessage.subscribe(message => home.received(message))
    if (home.initiator)
      this.#then(async () => {
        const { sdp } = await this.#setLocal(pc.createOffer())
        home.tell('offer', offerAsClient(sdp))
      })
  }

  meet(kind: 'offer' | 'answer', sdp: string): void {
    this.#then(async () => {
      await this.#pc.setRemoteDescription({ type: kind, sdp })
      if (kind === 'offer') this.#home.tell('answer', (await this.#setLocal(this.#pc.createAnswer())).sdp)
    })
  }

  /** Looks whether the other side is there. One that does not suit is no reason to give up: others may. */
  consider(candidate: string): void {
    this.#then(() =>
      this.#pc.addIceCandidate({ candidate, sdpMid: this.#home.remote.mid, sdpMLineIndex: 0 }).catch(() => {
        // A name that can't be resolved, or an address of a kind that this machine does not have.
      }),
    )
  }

  send(bytes: Uint8Array): void {
    this.#channel?.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }

  path(): Path | null {
    const pair = this.#pc.iceTransports[0]?.connection.nominated
    if (!pair) return null
    return { local: candidateKind(pair.localCandidate.type), remote: candidateKind(pair.remoteCandidate.type) }
  }

  release(): void {
    const pc = this.#pc
    pc.close().catch(() => {})
    // Closed while it gathers, it goes on to check candidates for ever, and to repeat its handshake for half a minute.
    void Promise.allSettled([this.#last, this.#gathering]).then(() => {
      for (const ms of STOPS_MS) setTimeout(() => stop(pc), ms).unref()
    })
  }

  #then(run: () => Promise<void>): void {
    const { guard } = this.#home
    this.#last = this.#last
      .then(() => (guard.isOver ? undefined : run()))
      .catch((error: unknown) => guard.fail(reasonOf(error)))
  }

  /** The engine is done with it only when it has all candidates; the other side need not wait for those. */
  async #setLocal(created: ReturnType<RTCPeerConnection['createOffer']>) {
    const description = await created
    this.#gathering = this.#pc
      .setLocalDescription(description)
      .catch((error: unknown) => this.#home.guard.fail(reasonOf(error)))
    return description
  }

  #shownFingerprint(): string {
    const certificate = this.#pc.dtlsTransports[0]?.dtls?.remoteCertificate
    const [algorithm = ''] = this.#home.remote.fingerprint?.split(' ') ?? []
    const digest = certificate && createHash(algorithm.replace('-', '')).update(certificate).digest('hex')
    return fingerprint(algorithm, digest?.match(/../g)?.join(':') ?? '')
  }
}

function stop(pc: RTCPeerConnection): void {
  for (const { connection } of pc.iceTransports) connection.close().catch(() => {})
  for (const { dtls } of pc.dtlsTransports) if (dtls) dtls.dtls.flight = PAST_ALL_FLIGHTS
}

/**
 * Having acknowledged the other side's shutdown, werift (0.25.2) believes that it has sent one itself, and never takes notice of its
 * completion: nobody was told that a native other side had closed (1 of 5; in the others an abort came as well).
 */
function mendShutdown({ sctpTransport }: RTCPeerConnection): void {
  const sctp = sctpTransport?.sctp
  if (!sctp) return
  const setState = sctp.setState.bind(sctp)
  sctp.setState = state => setState(state === SHUTDOWN_SENT ? SHUTDOWN_ACK_SENT : state)
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
