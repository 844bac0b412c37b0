/** What voicechat-peer --json writes, a line each; `t` is epoch ms. See the README, which fixes it for scripts. */
export interface StateEvent {
  readonly event: 'state'
  readonly t: number
  readonly state: 'connecting' | 'waiting' | 'agreeing' | 'talking' | 'ending' | 'ended'
  readonly route: 'direct' | 'relay' | null
  readonly reason?: string
}

export interface VerifyEvent {
  readonly event: 'verify'
  readonly t: number
  readonly how: 'password' | 'code' | 'pinned'
  readonly verified: boolean
  readonly code: string
}

/** Once a second in a call. Frames and underruns are totals. */
export interface StatsEvent {
  readonly event: 'stats'
  readonly t: number
  readonly route: 'direct' | 'relay' | null
  readonly rttMs: number | null
  readonly lossPct: number
  readonly jitterMs: number
  readonly bufferMs: number
  readonly kbpsUp: number
  readonly kbpsDown: number
  readonly framesLost: number
  readonly framesConcealed: number
  readonly underruns: number
  readonly levelIn: number
  readonly levelOut: number
}

export interface ErrorEvent {
  readonly event: 'error'
  readonly t: number
  readonly name: string
  readonly message: string
  readonly hint: string
}

/** With --verbose: when the first sample was taken and played, epoch ms. */
export interface DevicesEvent {
  readonly event: 'devices'
  readonly t: number
  readonly microphone: { readonly name: string; readonly startedAt: number }
  readonly speaker: { readonly name: string; readonly startedAt: number }
}

export type PeerEvent = StateEvent | VerifyEvent | StatsEvent | ErrorEvent | DevicesEvent

/** Those of one kind, in order. */
export function only<K extends PeerEvent['event']>(kind: K, events: readonly PeerEvent[]) {
  return events.filter((event): event is Extract<PeerEvent, { event: K }> => event.event === kind)
}
