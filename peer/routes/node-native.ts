/** Direct connections by node-datachannel (libdatachannel): quick and native. Node's alone. */
import type { IceServer as NativeServer, PeerConnection, RtcConfig } from 'node-datachannel'
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
import { wake } from './node-wake.js'
import { RemoteEnd } from './remote-end.js'
import { bareCandidate, fingerprint, isHost, offerAsClient } from './sdp.js'

type Library = typeof import('node-datachannel')

/** Unordered, never sent again, and known to both beforehand (RFC 8832 is for those who don't). */
const CHANNEL = { negotiated: true, id: 0, unordered: true, maxRetransmits: 0 } as const
/**
 * Acknowledge at once, and start with room for a second of frames: with the usual settings SCTP holds frames back for 0.3 to 1.1 s in
 * about half of the calls with bursts of loss; with these for 0.2 s at most in three of three.
 */
const SCTP = { delayedSackTime: 0, initialCongestionWindow: 64 } as const

/**
 * So much later the offerer checks the other side's own addresses, ms; meanwhile the other side checks ours. An address behind a NAT never
 * answers, and while the library waits for it, it nominates no other for 2 s: werift opens only with that.
 */
const HOSTS_LATER_MS = 500

/** Rejects where the library can't be loaded: it has binaries for Linux, macOS and Windows only. */
export async function loadNative(): Promise<Connect> {
  const library = await import('node-datachannel')
  library.setSctpSettings(SCTP)
  return (events, servers) => new NativeConnection(library, events, servers)
}

class NativeConnection implements Connection {
  readonly #library: Library
  readonly #servers: readonly IceServer[]
  readonly #guard: Guard
  #pc: PeerConnection | null = null
  #channel: ReturnType<PeerConnection['createDataChannel']> | null = null
  #remote: RemoteEnd | null = null
  #initiator = false
  #open = false
  /** Our candidates that are not told yet. */
  readonly #held: string[] = []

  constructor(library: Library, events: ConnectionEvents, servers: readonly IceServer[]) {
    this.#library = library
    this.#servers = servers
    this.#guard = new Guard(events, () => this.#release())
  }

  start(initiator: boolean): void {
    if (this.#pc) return
    this.#initiator = initiator
    this.#remote = new RemoteEnd(initiator)
    this.#guard.now(() => {
      const config: RtcConfig = { iceServers: this.#servers.map(nativeServer), disableAutoNegotiation: true }
      const pc = new this.#library.PeerConnection('voicechat', config)
      this.#pc = pc
      const { later, now } = this.#guard
      pc.onLocalDescription((sdp, type) => later(events => this.#describe(sdp, type, events)))
      pc.onLocalCandidate(text => later(events => this.#tellCandidate(bareCandidate(text), events)))
      // Of the whole connection, not of the channel: the library forgets to call `onClosed` when both sides close at the same moment, and
      // what it holds for that call keeps the process alive for ever.
      pc.onStateChange(state => {
        if (state === 'failed' || state === 'closed') later(() => this.#guard.fail(`the connection has ${state}`))
      })
      pc.onIceStateChange(state => {
        if (state !== 'connected') return
        later(() => wake(pc.localDescription()?.sdp ?? '', text => now(() => this.#check(text))))
      })
      const channel = pc.createDataChannel('voice', CHANNEL)
      this.#channel = channel
      channel.onOpen(() => later(events => this.#opened(events)))
      channel.onError(why => later(() => this.#guard.fail(why)))
      channel.onMessage(message => {
        if (typeof message !== 'string') later(events => this.#open && events.message(new Uint8Array(message)))
      })
      if (initiator) pc.setLocalDescription('offer')
    })
  }

  signal(signal: Signal): void {
    this.#guard.now(events => {
      if (!this.#remote?.takes(signal)) return
      if (signal.kind !== 'candidate') this.#meet(signal.kind, signal.text, events)
      else if (this.#initiator && isHost(signal.text)) this.#checkLater(signal.text)
      else this.#check(signal.text)
    })
  }

  send(bytes: Uint8Array): void {
    if (!this.#open || this.#guard.isOver) return
    try {
      this.#channel?.sendMessageBinary(bytes)
    } catch {
      // It closed just now, which its event will tell.
    }
  }

  path(): Path | null {
    if (!this.#open || this.#guard.isOver) return null
    const pair = this.#pc?.getSelectedCandidatePair()
    return pair ? { local: candidateKind(pair.local.type), remote: candidateKind(pair.remote.type) } : null
  }

  close(): void {
    this.#guard.close()
  }

  #describe(sdp: string, type: string, events: ConnectionEvents): void {
    if (type === 'offer') events.signal({ kind: 'offer', text: offerAsClient(sdp) })
    else if (type === 'answer') events.signal({ kind: 'answer', text: sdp })
  }

  /** The other side has described itself. */
  #meet(kind: 'offer' | 'answer', sdp: string, events: ConnectionEvents): void {
    this.#pc?.setRemoteDescription(sdp, kind)
    if (kind === 'offer') this.#pc?.setLocalDescription('answer')
    else for (const text of this.#held.splice(0)) events.signal({ kind: 'candidate', text })
  }

  /**
   * The offerer tells its candidates only when it has the answer. If the other side could check them before, the connection might come up
   * while the library still reads the answer: it then knows no fingerprint yet, and gives up (1 of 5 calls on one machine;
   * libdatachannel's pull request 1612).
   */
  #tellCandidate(text: string, events: ConnectionEvents): void {
    if (this.#initiator && this.#remote?.fingerprint === null) this.#held.push(text)
    else events.signal({ kind: 'candidate', text })
  }

  /** Looks whether the other side is there. One that does not suit is no reason to give up: others may. */
  #check(text: string): void {
    try {
      this.#pc?.addRemoteCandidate(text, this.#remote?.mid ?? '')
    } catch {
      // A name that can't be resolved, or an address of a kind that this machine does not have.
    }
  }

  #checkLater(text: string): void {
    setTimeout(() => this.#guard.now(() => this.#check(text)), HOSTS_LATER_MS).unref()
  }

  /** The library compares the fingerprints itself; that it did is not left to its defaults. */
  #opened(events: ConnectionEvents): void {
    const { algorithm, value } = this.#pc!.remoteFingerprint()
    if (fingerprint(algorithm, value) !== this.#remote?.fingerprint) throw new Error('it came up with somebody else')
    this.#open = true
    events.open()
  }

  #release(): void {
    this.#open = false
    try {
      this.#channel?.close()
    } finally {
      this.#pc?.close()
    }
  }
}

/** In parts: an IPv6 address within a URL is an error to the library, and no connection could be made at all. */
function nativeServer({ url, username, credential }: IceServer): string | NativeServer {
  const parts = /^(stun|turns?):\[?(.+?)\]?:(\d+)(?:\?transport=(udp|tcp))?$/.exec(url)
  if (!parts) return url
  const [, scheme, hostname = '', port, transport] = parts
  const server = { hostname, port: Number(port) }
  if (scheme === 'stun') return server
  const relayType = scheme === 'turns' ? 'TurnTls' : transport === 'tcp' ? 'TurnTcp' : 'TurnUdp'
  return { ...server, username: username ?? '', password: credential ?? '', relayType }
}
