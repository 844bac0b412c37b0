/** Direct connections by node-datachannel (libdatachannel): quick and native. Node's alone. */
import type { IceServer as NativeServer, PeerConnection, RtcConfig } from 'node-datachannel'
import type { Connect, Connection, ConnectionEvents, IceServer, Path, Signal } from './connection.js'
import { candidateKind } from './connection.js'
import { Guard } from './node-guard.js'
import { bareCandidate, fingerprint, fingerprintIn, isCandidate, midIn, offerAsClient } from './sdp.js'

type Library = typeof import('node-datachannel')

/** Unordered, never sent again, and known to both beforehand (RFC 8832 is for those who don't). */
const CHANNEL = { negotiated: true, id: 0, unordered: true, maxRetransmits: 0 } as const
/**
 * Acknowledge at once, and start with room for a second of frames: with the usual settings SCTP holds frames back for 0.3 to 1.1 s in
 * about half of the calls with bursts of loss; with these for 0.2 s at most in three of three.
 */
const SCTP = { delayedSackTime: 0, initialCongestionWindow: 64 } as const

/**
 * The offerer is DTLS's client (sdp.ts), and what it sends first is lost for a second if it is ready before the other side: so it lets
 * the other side check first, ms. Longer than a signal takes on most ways.
 */
const HEAD_START_MS = 60

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
  #initiator = false
  #open = false
  /** Of the other side's certificate, as it came sealed. */
  #expected: string | null = null
  #mid = '0'
  /** Our candidates that are not told yet, and the other side's that are not checked yet. */
  readonly #held: string[] = []
  readonly #early: string[] = []
  #checks = false
  #timer: NodeJS.Timeout | undefined

  constructor(library: Library, events: ConnectionEvents, servers: readonly IceServer[]) {
    this.#library = library
    this.#servers = servers
    this.#guard = new Guard(events, () => this.#release())
  }

  start(initiator: boolean): void {
    if (this.#pc) return
    this.#initiator = initiator
    this.#guard.now(() => {
      const config: RtcConfig = { iceServers: this.#servers.map(nativeServer), disableAutoNegotiation: true }
      const pc = new this.#library.PeerConnection('voicechat', config)
      this.#pc = pc
      const { later } = this.#guard
      pc.onLocalDescription((sdp, type) => later(events => this.#describe(sdp, type, events)))
      pc.onLocalCandidate(text => later(events => this.#tellCandidate(bareCandidate(text), events)))
      pc.onStateChange(state => {
        if (state === 'failed' || state === 'closed') later(() => this.#guard.fail(`the connection has ${state}`))
      })
      const channel = pc.createDataChannel('voice', CHANNEL)
      this.#channel = channel
      channel.onOpen(() => later(events => this.#opened(events)))
      channel.onClosed(() => later(() => this.#guard.fail('the other side has closed it')))
      channel.onError(why => later(() => this.#guard.fail(why)))
      channel.onMessage(message => {
        if (typeof message !== 'string') later(events => this.#open && events.message(new Uint8Array(message)))
      })
      if (initiator) pc.setLocalDescription('offer')
    })
  }

  signal({ kind, text }: Signal): void {
    this.#guard.now(() => {
      const pc = this.#pc
      if (!pc || this.#initiator === (kind === 'offer')) return this.#candidate(kind, text)
      if (kind === 'candidate') return this.#candidate(kind, text)
      if (this.#expected !== null) return
      this.#expected = fingerprintIn(text)
      if (this.#expected === null) throw new Error('the description has no fingerprint')
      this.#mid = midIn(text)
      pc.setRemoteDescription(text, kind)
      if (kind === 'offer') pc.setLocalDescription('answer')
      for (const candidate of this.#held.splice(0)) this.#guard.later(events => this.#tellCandidate(candidate, events))
      if (kind === 'answer') this.#timer = setTimeout(() => this.#guard.now(() => this.#check()), HEAD_START_MS)
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

  /**
   * The offerer tells its candidates only when it has the answer. If the other side could check them before, the connection might come up
   * while the library still reads the answer: it then knows no fingerprint yet, and gives up (1 of 5 calls on one machine;
   * libdatachannel's pull request 1612).
   */
  #tellCandidate(text: string, events: ConnectionEvents): void {
    if (this.#initiator && this.#expected === null) this.#held.push(text)
    else events.signal({ kind: 'candidate', text })
  }

  #check(): void {
    this.#checks = true
    for (const text of this.#early.splice(0)) this.#candidate('candidate', text)
  }

  /** One that does not suit is no reason to give up: others may. */
  #candidate(kind: Signal['kind'], text: string): void {
    if (kind !== 'candidate' || this.#expected === null || !isCandidate(text)) return
    if (this.#initiator && !this.#checks) return void this.#early.push(text)
    try {
      this.#pc?.addRemoteCandidate(text, this.#mid)
    } catch {
      // A name that can't be resolved, or an address of a kind that this machine does not have.
    }
  }

  /** The library compares the fingerprints itself; that it did is not left to its defaults. */
  #opened(events: ConnectionEvents): void {
    const { algorithm, value } = this.#pc!.remoteFingerprint()
    if (fingerprint(algorithm, value) !== this.#expected) throw new Error('it came up with somebody else')
    this.#open = true
    events.open()
  }

  #release(): void {
    this.#open = false
    clearTimeout(this.#timer)
    try {
      this.#channel?.close()
    } finally {
      this.#pc?.close()
    }
  }
}

function nativeServer({ url, username, credential }: IceServer): string | NativeServer {
  const [, hostname = '', port = '', transport] = /^turns?:(.*):(\d+)(?:\?transport=(udp|tcp))?$/.exec(url) ?? []
  if (hostname === '') return url
  const relayType = url.startsWith('turns:') ? 'TurnTls' : transport === 'tcp' ? 'TurnTcp' : 'TurnUdp'
  return {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    username: username ?? '',
    password: credential ?? '',
    relayType,
  }
}
