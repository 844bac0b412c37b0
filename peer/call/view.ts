/** What people and programs see of a call: the statechart's snapshot in a few plain words. */
import type { SnapshotFrom } from 'xstate'
import type { EndReason, RouteKind } from './events.js'
import type { callMachine } from './machine.js'
import { type RouteState, type Sending, whereToSend } from './where-to-send.js'

export type CallSnapshot = SnapshotFrom<typeof callMachine>

export type CallState = 'connecting' | 'waiting' | 'agreeing' | 'talking' | 'ending' | 'ended'

export interface CallView {
  readonly state: CallState
  readonly route: RouteKind | null
  /** Set from `ending` on. */
  readonly reason: EndReason | null
  readonly detail: string | null
  /** Nothing was heard from the other side for a second. */
  readonly silent: boolean
  readonly muted: boolean
  readonly peerMuted: boolean
  readonly presence: 'absent' | 'busy' | null
  /** The link to the server fell and is being looked for. */
  readonly reconnecting: boolean
  readonly mode: 'password' | 'code' | null
  readonly code: string | null
  readonly verified: boolean
}

export function viewOf(snapshot: CallSnapshot): CallView {
  const { context } = snapshot
  const route = routeStateOf(snapshot)
  return {
    state: stateOf(snapshot),
    route: route === 'relayed' ? 'relay' : route === 'trusted' || route === 'doubtful' ? 'direct' : null,
    reason: context.reason,
    detail: context.detail,
    silent: snapshot.matches({ call: { joined: { talking: { liveness: { quiet: 'silent' } } } } }),
    muted: context.muted,
    peerMuted: context.peerMuted,
    presence: context.presence,
    reconnecting: snapshot.matches({ signaling: 'reconnecting' }),
    mode: context.mode,
    code: context.code,
    verified: context.verified,
  }
}

function stateOf(snapshot: CallSnapshot): CallState {
  if (snapshot.matches({ call: 'ended' })) return 'ended'
  if (snapshot.matches({ call: { joined: 'talking' } })) return 'talking'
  if (snapshot.matches({ call: 'joined' })) return 'ending'
  if (snapshot.matches({ call: 'agreeing' })) return 'agreeing'
  return snapshot.matches({ signaling: 'connecting' }) ? 'connecting' : 'waiting'
}

function routeStateOf(snapshot: CallSnapshot): RouteState | null {
  const at = (route: 'racing' | 'relayed' | 'severed' | { direct: 'trusted' | 'doubtful' }) =>
    snapshot.matches({ call: { joined: { talking: { route } } } })
  if (at('relayed')) return 'relayed'
  if (at({ direct: 'trusted' })) return 'trusted'
  if (at({ direct: 'doubtful' })) return 'doubtful'
  if (at('severed')) return 'severed'
  return at('racing') ? 'racing' : null
}

/** Which routes voice and control go on in this state of the call; `both` while it ends, so that the bye gets through. */
export function sendingOf(snapshot: CallSnapshot): Sending {
  const { wants, peerWants, peerDoubts } = snapshot.context
  const state = routeStateOf(snapshot)
  if (state) return whereToSend(state, peerDoubts, wants === 'direct' || peerWants === 'direct')
  return snapshot.matches({ call: 'joined' }) ? { voice: [], control: ['direct', 'relay'] } : { voice: [], control: [] }
}
