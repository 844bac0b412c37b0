/** What people and programs see of a call: the statechart's snapshot in a few plain words. */
import type { SnapshotFrom } from 'xstate'
import type { Distrust, EndReason, RouteKind } from './events.js'
import type { callMachine } from './machine.js'
import { someoneWants } from './setup.js'
import { type RouteState, type Sending, whereToSend } from './where-to-send.js'

export type CallSnapshot = SnapshotFrom<typeof callMachine>

export type CallState = 'connecting' | 'waiting' | 'agreeing' | 'talking' | 'ending' | 'ended'

/** By a password, by a code that two people compare, or because its key was verified in an earlier call. */
export type VerifiedHow = 'password' | 'code' | 'pinned'

export interface CallView {
  readonly state: CallState
  /** The route that carries voice; null while there is none, or nothing is heard. */
  readonly route: RouteKind | null
  /** Set from `ending` on. */
  readonly reason: EndReason | null
  readonly detail: string | null
  /** More about why it ended as `unverified`. */
  readonly distrust: Distrust | null
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
  /** How the other side is verified, or will be; null: there are no keys yet. */
  readonly how: VerifiedHow | null
  /** Where `how` is `pinned`: its key is known since then, epoch ms. */
  readonly since: number | null
}

export function viewOf(snapshot: CallSnapshot): CallView {
  const { context } = snapshot
  const silent = snapshot.matches({ call: { joined: { talking: { liveness: { quiet: 'silent' } } } } })
  return {
    state: stateOf(snapshot),
    route: silent ? null : routeOf(routeStateOf(snapshot), context),
    reason: context.reason,
    detail: context.detail,
    distrust: context.distrust,
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
    how: context.since === null ? context.mode : 'pinned',
    since: context.since,
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
