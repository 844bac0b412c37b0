/**
 * A direct connection between the two peers: one attempt at one, by whichever engine. What it signals is brought to the other
 * side sealed, so the server never sees an address. The engine's own timers don't count: the statechart gives up on it.
 */

/** What two connections say to each other before they are one. `text` is the engine's own: SDP, or an ICE candidate. */
export interface Signal {
  readonly kind: 'offer' | 'answer' | 'candidate'
  readonly text: string
}

/** What a connection tells. Nothing comes after `failed`, and nothing after `close` was called. */
export interface ConnectionEvents {
  /** To be brought to the other side's connection, in this order, each once. */
  signal(signal: Signal): void
  open(): void
  message(bytes: Uint8Array): void
  /** It will never open, or is over. `why`: the end of a sentence for people. */
  failed(why: string): void
}

/** How an end of an open connection is reached: its own address, the one that its NAT gave it, or over a TURN server. */
export type CandidateKind = 'host' | 'reflexive' | 'relayed'

export interface Path {
  readonly local: CandidateKind
  readonly remote: CandidateKind
}

/** Carries messages unordered and unreliably. No method throws. */
export interface Connection {
  /** Once. The initiator makes the offer; the other side waits for it. */
  start(initiator: boolean): void
  /** Something came that the other side's connection signalled. What is not understood is ignored or ends in `failed`. */
  signal(signal: Signal): void
  /** Sends if it can; what can't be sent is dropped. */
  send(bytes: Uint8Array): void
  /** Null until it is open, and where the engine does not tell. */
  path(): Path | null
  close(): void
}

/** Who tells a connection its public address (STUN, RFC 7064), or carries its packets (TURN, RFC 7065). */
export interface IceServer {
  /** `stun:host:port` or `turn:host:port?transport=udp`; an IPv6 address as host is in brackets. */
  readonly url: string
  readonly username?: string
  readonly credential?: string
}

/** An engine. Calls no event before `start`. Throws where this machine can make no direct connection at all. */
export type Connect = (events: ConnectionEvents, servers: readonly IceServer[]) => Connection

/** The kind of candidate that an engine names in the words of RFC 8839, section 5.1. */
export function candidateKind(type: string): CandidateKind {
  if (type === 'relay') return 'relayed'
  return type === 'host' ? 'host' : 'reflexive'
}
