import type { CallView } from '../../../peer/call/view.js'
import type { CallStats } from '../../../peer/terminal/stats.js'

export const NAMES = { own: 'ABC', peer: 'XYZ', server: 'ws://server.test:9001' }

/** What a call looks like that was just begun, but for `change`. */
export function view(change: Partial<CallView> = {}): CallView {
  return {
    state: 'connecting',
    route: null,
    reason: null,
    detail: null,
    distrust: null,
    silent: false,
    doubted: false,
    muted: false,
    peerMuted: false,
    recording: false,
    peerRecording: false,
    presence: null,
    reconnecting: false,
    mode: null,
    code: null,
    verified: false,
    how: change.mode ?? null,
    since: null,
    ...change,
  }
}

/** Two people talk over the relay, with a password. */
export function talking(change: Partial<CallView> = {}): CallView {
  return view({ state: 'talking', route: 'relay', mode: 'password', code: 'ABCDEF', verified: true, ...change })
}

export function stats(change: Partial<CallStats> = {}): CallStats {
  return {
    route: 'relay',
    rttMs: 42,
    lossPct: 0.4,
    path: null,
    routes: { direct: { rttMs: null, lossPct: 0 }, relay: { rttMs: 42, lossPct: 0.4 } },
    jitterMs: 3.1,
    bufferMs: 40,
    kbpsUp: 48,
    kbpsDown: 47.9,
    framesLost: 1,
    framesConcealed: 1,
    underruns: 0,
    levelIn: -30,
    levelOut: -31.5,
    ...change,
  }
}

/** A whole call, as the statechart shows it, some views more than once. */
export const wholeCall: readonly CallView[] = [
  view(),
  view({ state: 'waiting' }),
  view({ state: 'waiting', presence: 'absent' }),
  view({ state: 'agreeing' }),
  talking({ route: null }),
  talking(),
  talking(),
  talking({ muted: true }),
  talking({ silent: true, route: null }),
  talking(),
  talking({ peerMuted: true }),
  talking({ state: 'ending', route: null, reason: 'hungUp' }),
  talking({ state: 'ended', route: null, reason: 'hungUp' }),
]
