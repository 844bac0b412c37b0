/** What people and programs see of a call: the statechart's snapshot in a few plain words. */
import type { SnapshotFrom } from 'xstate'
import type { EndReason, RouteKind } from './events.js'
import type { callMachine } from './machine.js'
import { someoneWants } from './setup.js'
import { type RouteState, type Sending, whereToSend } from './where-to-send.js'

export type CallSnapshot = SnapshotFrom<typeof callMachine>

export type CallState = 'connecting' | 'waiting' | 'agreeing' | 'talking' | 'ending' | 'ended'

export interface CallView {
  readonly state: CallState
  /** The route that carries voice; null while there is none, or nothing is heard. */
  readonly route: RouteKind | null
  /** Set from `ending` on. */
  readonly reason: EndReason | null
  readonly detail: string | null
  /** Nothing was heard from the other side for a second. */
  readonly silent: boolean
  /** The direct route is not trusted at the moment: voice goes over the relay as well, if it may. */
  readonly doubted: boolean
  readonly muted: boolean
  readonly peerMuted: boolean
  /** Who keeps a recording of this call. */
  readonly recording: boolean
  readonly peerRecording: boolean
  readonly presence: 'absent' | 'busy' | null
  /** The link to the server fell and is being looked for. */
  readonly reconnecting: boolean
  readonly mode: 'password' | 'code' | null
  readonly code: string | null
  readonly verified: boolean
}

export function viewOf(snapshot: CallSnapshot): CallView {
  const { context } = snapshot
  const silent = snapshot.matches({ call: { joined: { talking: { liveness: { quiet: 'silent' } } } } })
  return {
    state: stateOf(snapshot),
    route: silent ? null : routeOf(routeStateOf(snapshot), context),
    reason: context.reason,
    detail: context.detail,
    silent,
    doubted: routeStateOf(snapshot) === 'doubtful',
    muted: context.muted,
    peerMuted: context.peerMuted,
    recording: context.recording,
    peerRecording: context.peerRecording,
    presence: context.presence,
    reconnecting: snapshot.matches({ signaling: 'reconnecting' }),
    mode: context.mode,
    code: context.code,
    verified: context.verified,
  }
}

/** The route that carries voice now. Relayed, but the relay not allowed: a direct attempt is under way, and none does. */
function routeOf(state: RouteState | null, context: CallSnapshot['context']): RouteKind | null {
  if (state === 'relayed') return someoneWants(context, 'direct') ? null : 'relay'
  return state === 'trusted' || state === 'doubtful' ? 'direct' : null
}

function stateOf(snapshot: CallSnapshot): CallState {
  if (snapshot.matches({ call: 'ended' })) return 'ended'
  if (snapshot.matches({ call: { joined: 'talking' } })) return 'talking'
  if (snapshot.matches({ call: 'joined' })) return 'ending'
  if (snapshot.matches({ call: 'agreeing' })) return 'agreeing'
  return snapshot.matches({ signaling: 'connecting' }) ? 'connecting' : 'waiting'
}

function routeStateOf(snapshot: CallSnapshot): RouteState | null {
  const at = (route: 'racing' | 'relayed' | 'direct' | { direct: 'trusted' }) =>
    snapshot.matches({ call: { joined: { talking: { route } } } })
  if (at('relayed')) return 'relayed'
  if (at({ direct: 'trusted' })) return 'trusted'
  if (at('direct')) return 'doubtful'
  return at('racing') ? 'racing' : null
}

/** Which routes voice and control go on in this state of the call; `both` while it ends, so that the bye gets through. */
export function sendingOf(snapshot: CallSnapshot): Sending {
  const { context } = snapshot
  const quiet = snapshot.matches({ call: { joined: { talking: { liveness: 'quiet' } } } })
  const state = quiet ? 'severed' : routeStateOf(snapshot)
  if (state) return whereToSend(state, context.peerDoubts, someoneWants(context, 'direct'))
  return { voice: [], control: snapshot.matches({ call: 'joined' }) ? ['direct', 'relay'] : [], doubt: false }
}
