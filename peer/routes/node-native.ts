/** Direct connections by node-datachannel (libdatachannel): quick and native. Node's alone. */
import type { IceServer as NativeServer, PeerConnection, RtcConfig } from 'node-datachannel'
import { type Connect, candidateKind, type IceServer, type Path } from './connection.js'
import { type Home, NodeConnection, type Part } from './node-connection.js'
import { VoiceLane } from './node-voice-lane.js'
import { wake } from './node-wake.js'
import { isParting } from './parting.js'
import { bareCandidate, fingerprint, isHost, offerAsClient } from './sdp.js'
import { hasLaneLine, withLaneLine, withLaneSection } from './sdp-lane.js'

type Library = typeof import('node-datachannel')

/** Unordered, never sent again, and known to both beforehand (RFC 8832 is for those who don't). */
const CHANNEL = { negotiated: true, id: 0, unordered: true, maxRetransmits: 0 } as const
/**
 * For what is on the channel. Acknowledgements wait up to 40 ms, so that most travel with a frame: 60 packets a second instead of 100 with
 * none waiting; with 100 ms there was a stall of 0.7 s after a hole of 0.2 s. Room for a second of frames to start with: with the usual
 * settings SCTP holds frames back for 0.3 to 1.1 s in about half of the calls with bursts of loss.
 */
const SCTP = { delayedSackTime: 40, initialCongestionWindow: 64 } as const

/**
 * So much later the offerer checks the other side's own addresses, ms; meanwhile the other side checks ours. An address behind a NAT never
 * answers, and while the library waits for it, it nominates no other for 2 s: werift opens only with that.
 */
const HOSTS_LATER_MS = 500

/** Rejects where the library can't be loaded: it has binaries for Linux, macOS and Windows only. */
export async function loadNative(): Promise<Connect> {
  const library = await import('node-datachannel')
  library.setSctpSettings(SCTP)
  // Its threads, else begun with the first connection: 40 ms in which this thread would do nothing else.
  library.preload()
  return (events, servers) => new NodeConnection(events, home => new NativePart(library, servers, home))
}

class NativePart implements Part {
  readonly #library: Library
  readonly #home: Home
  readonly #pc: PeerConnection
  #channel: ReturnType<PeerConnection['createDataChannel']> | null = null
  /** The offerer has one before it knows whether the answerer has: it then never opens. */
  #lane: VoiceLane | null = null
  /** Our candidates that are not told yet. */
  readonly #held: string[] = []
  #opened = false

  constructor(library: Library, servers: readonly IceServer[], home: Home) {
    const config: RtcConfig = { iceServers: servers.map(nativeServer), disableAutoNegotiation: true }
    this.#library = library
    this.#home = home
    this.#pc = new library.PeerConnection('voicechat', config)
  }

  start(): void {
    const [pc, home] = [this.#pc, this.#home]
    const { later, now } = home.guard
    pc.onLocalDescription((sdp, type) => later(() => this.#describe(sdp, type)))
    pc.onLocalCandidate(text => later(() => this.#tellCandidate(bareCandidate(text))))
    pc.onStateChange(state => home.changed(state))
    pc.onIceStateChange(state => {
      if (state !== 'connected') return
      later(() => wake(pc.localDescription()?.sdp ?? '', text => now(() => this.#check(text))))
    })
    const channel = pc.createDataChannel('voice', CHANNEL)
    this.#channel = channel
    channel.onOpen(() => {
      this.#opened = true
      this.#tellOpen()
    })
    channel.onClosed(() => home.channelClosed())
    channel.onError(why => later(() => home.guard.fail(why)))
    channel.onMessage(message => home.received(message))
    if (!home.initiator) return
    this.#makeLane()
    pc.setLocalDescription('offer')
  }

  meet(kind: 'offer' | 'answer', sdp: string): void {
    const lane = hasLaneLine(sdp)
    if (lane && kind === 'offer') this.#makeLane()
    this.#pc.setRemoteDescription(lane ? withLaneSection(sdp) : sdp, kind)
    if (kind === 'offer') this.#pc.setLocalDescription('answer')
    else for (const text of this.#held.splice(0)) this.#home.tell('candidate', text)
  }

  consider(text: string): void {
    if (!this.#home.initiator || !isHost(text)) return this.#check(text)
    setTimeout(() => this.#home.guard.now(() => this.#check(text)), HOSTS_LATER_MS).unref()
  }

  /** The parting goes on the channel, whose end it is. */
  send(bytes: Uint8Array): void {
    if (isParting(bytes) || !this.#lane?.send(bytes)) this.#channel?.sendMessageBinary(bytes)
  }

  path(): Path | null {
    const pair = this.#pc.getSelectedCandidatePair()
    return pair && { local: candidateKind(pair.local.type), remote: candidateKind(pair.remote.type) }
  }

  /**
   * Once it has been open, the channel goes with its connection. If it were closed by itself at the moment at which the other side closes,
   * the library would forget to call `onClosed`, and what it holds for that call would keep the process alive (1 in 40 on a busy machine).
   */
  release(): void {
    try {
      if (!this.#opened) this.#channel?.close()
    } finally {
      this.#pc.close()
    }
  }

  /** Whichever can carry first. */
  #tellOpen(): void {
    this.#home.opened(() => {
      const { algorithm, value } = this.#pc.remoteFingerprint()
      return fingerprint(algorithm, value)
    })
  }

  #makeLane(): void {
    const { received } = this.#home
    this.#lane = new VoiceLane(this.#library, this.#pc, () => this.#tellOpen(), received)
  }

  #describe(sdp: string, type: string): void {
    const told = this.#lane ? withLaneLine(sdp) : sdp
    if (type === 'offer') this.#home.tell('offer', offerAsClient(told))
    else if (type === 'answer') this.#home.tell('answer', told)
  }

  /**
   * The offerer tells its candidates only when it has the answer. If the other side could check them before, the connection might come up
   * while the library still reads the answer: it then knows no fingerprint yet, and gives up (1 of 5 calls on one machine;
   * libdatachannel's pull request 1612).
   */
  #tellCandidate(text: string): void {
    if (this.#home.initiator && this.#home.remote.fingerprint === null) this.#held.push(text)
    else this.#home.tell('candidate', text)
  }

  /** Looks whether the other side is there. One that does not suit is no reason to give up: others may. */
  #check(text: string): void {
    try {
      this.#pc.addRemoteCandidate(text, this.#home.remote.mid)
    } catch {
      // A name that can't be resolved, or an address of a kind that this machine does not have.
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
