/**
 * Who is online, who named whom, and which call that makes. Takes events, returns what to tell whom; owns no socket, no
 * timer, no random source.
 *
 * Two sessions that name each other are matched under a call id. A session that presents the call id which the other
 * still holds (or presents too) comes back to that call; one that names the other without it starts a new one, since a
 * program that forgot the call has forgotten its keys. So a lobby that lost its memory rejoins two sides that come with
 * the same call id, and nothing needs to be kept for a side that is away.
 */
import { canonicalId } from '../protocol/id.js'
import { fail, ok, type Result } from '../protocol/result.js'
import type { FromServer, LeaveReason } from '../protocol/signaling.js'

/** What the lobby wants done: something told to a session, or something for the log. */
export type LobbyEffect =
  | { readonly kind: 'tell'; readonly to: string; readonly message: FromServer }
  /**
   * Two are connected. `ids` as typed, smaller canonical id first. `begunBy`: for whom that is a call which was not here before. Who is in a call
   * with the same person already did not ask for another one.
   */
  | {
      readonly kind: 'joined'
      readonly callId: string
      readonly ids: Pair
      readonly resumed: boolean
      readonly begunBy: readonly string[]
    }
  /** A call is over: a side left, or both are away. `why`: a leave reason, `bothAway` or `replaced` (by a new call). */
  | { readonly kind: 'ended'; readonly callId: string; readonly ids: Pair; readonly why: LeaveReason | EndWithoutLeave }

export type Pair = readonly [string, string]
export type EndWithoutLeave = 'bothAway' | 'replaced'
export type LobbyProblem = 'selfCall' | 'notInCall' | 'staleCall' | 'otherAway' | 'notOnline'

interface Call {
  readonly callId: string
  readonly ids: Pair
}

interface Session {
  /** As typed at login. */
  readonly id: string
  readonly canonical: string
  /** Canonical id of the one wanted; in a call, the other side. */
  wish: string | null
  /** The call id presented with the wish. */
  presents: string | null
  /** The call that this session is matched in, until it leaves or its socket closes. */
  call: Call | null
  /** Its call is at another server of the cluster: for those here it is busy, and comes back to that call if they match. */
  elsewhere: boolean
  /** Whom it named in this session, canonical, the latest last. */
  readonly named: string[]
}

/** What a session wants: canonical id of the other, and the call id that it presented. */
export interface Wanted {
  readonly to: string
  readonly presents: string | null
}

/** Ids that a session named and that may learn that it is busy, at most. */
const MAX_NAMED = 8

export class Lobby {
  readonly #sessions = new Map<string, Session>()
  readonly #newCallId: () => string
  #joined = 0
  #changes = 0

  /** `newCallId` gives 16 fresh random bytes as base64url. `clustered`: whoever is not here may be at another server, and is told all the same. */
  constructor(
    newCallId: () => string,
    private readonly clustered = false,
  ) {
    this.#newCallId = newCallId
  }

  /** Grows with each event that may change where frames go (`relayTo`). */
  get changes(): number {
    return this.#changes
  }

  /** Sessions online. */
  get peers(): number {
    return this.#sessions.size
  }

  /** Ids that a session remembers to have named: of the one with the most. */
  get mostNamed(): number {
    return Math.max(0, ...Array.from(this.#sessions.values(), ({ named }) => named.length))
  }

  /** Calls whose two sides are both here. */
  get calls(): number {
    return this.#joined
  }

  /** A session has logged in. The caller has made sure that its id is not online. */
  online(id: string): void {
    this.#changes++
    const canonical = canonicalId(id)
    this.#sessions.set(canonical, {
      id,
      canonical,
      wish: null,
      presents: null,
      call: null,
      elsewhere: false,
      named: [],
    })
  }

  /** A session's socket closed. Its call lives on with the other side. */
  offline(id: string): LobbyEffect[] {
    this.#changes++
    const session = this.#sessions.get(canonicalId(id))
    if (!session) return []
    this.#sessions.delete(session.canonical)
    const { call } = session
    if (!call) return []
    const other = this.#partner(session)
    if (!other) return [{ kind: 'ended', callId: call.callId, ids: call.ids, why: 'bothAway' }]
    this.#joined--
    return [tell(other, { type: 'away', callId: call.callId })]
  }

  /** "I want `to`", or "I want to come back to the call `resume` with `to`". Replaces an earlier wish, and ends a call with another. */
  call(id: string, to: string, resume?: string): Result<LobbyEffect[], LobbyProblem> {
    this.#changes++
    const session = this.#sessions.get(canonicalId(id))
    if (!session) return notOnline()
    const wanted = canonicalId(to)
    if (wanted === session.canonical) return fail('selfCall', 'Name the other person: you named yourself.')
    const effects = session.call && session.wish !== wanted ? this.#leave(session, 'hungUp') : []
    session.wish = wanted
    session.presents = resume ?? null
    session.elsewhere = false
    remember(session.named, wanted)
    const other = this.#sessions.get(wanted)
    if (!other || other.wish !== session.canonical) {
      effects.push(tell(session, { type: 'presence', to, state: this.presenceFor(wanted, session.canonical) }))
    } else if (resume !== undefined && (other.call ? other.call.callId : other.presents) === resume) {
      effects.push(...this.#resume(session, other, resume))
    } else {
      effects.push(...this.#match(session, other))
    }
    return ok(effects)
  }

  /** The wish and the call are over, for both sides. Saying it twice is no mistake: two may hang up at once. */
  leave(id: string, reason: LeaveReason): LobbyEffect[] {
    this.#changes++
    const session = this.#sessions.get(canonicalId(id))
    return session ? this.#leave(session, reason) : []
  }

  /** Something sealed for the other side of call `callId`. */
  pass(id: string, callId: string, data: string): Result<LobbyEffect[], LobbyProblem> {
    const session = this.#sessions.get(canonicalId(id))
    if (!session) return notOnline()
    if (!session.call) return fail('notInCall', 'You are in no call: nothing can be passed on.')
    if (session.call.callId !== callId) return fail('staleCall', 'That call is over; you are in another one.')
    const other = this.#partner(session)
    if (!other) return fail('otherAway', "The other side's connection is down: send it again when it is back.")
    return ok([tell(other, { type: 'pass', callId, data })])
  }

  /** Where a relay frame goes: from and to are canonical ids; null when there is no one to take it. */
  relayTo(canonical: string): string | null {
    const session = this.#sessions.get(canonical)
    const other = session?.call ? this.#sessions.get(session.wish!) : undefined
    return other && other.call === session!.call ? other.canonical : null
  }

  /** Whether a session is in a call, be the other side here or away. */
  inCall(id: string): boolean {
    return Boolean(this.#sessions.get(canonicalId(id))?.call)
  }

  /** Whether it is in a call here or at another server. */
  isBusy(id: string): boolean {
    const session = this.#sessions.get(canonicalId(id))
    return session !== undefined && isBusy(session)
  }

  /** What someone who waits for `id` is told of it. `by`: who waits. */
  presenceFor(id: string, by: string): 'absent' | 'busy' {
    const session = this.#sessions.get(canonicalId(id))
    return session && isBusy(session) && session.named.includes(canonicalId(by)) ? 'busy' : 'absent'
  }

  /** Whom a session wants; null: nobody, or it is not online. */
  wantedBy(id: string): Wanted | null {
    const session = this.#sessions.get(canonicalId(id))
    return session?.wish ? { to: session.wish, presents: session.presents } : null
  }

  /** The call that a session is in here; null: none. */
  callOf(id: string): string | null {
    return this.#sessions.get(canonicalId(id))?.call?.callId ?? null
  }

  /** Canonical ids of those that wait for someone. */
  *waiting(): Generator<string> {
    for (const { canonical, wish, call, elsewhere } of this.#sessions.values())
      if (wish !== null && !call && !elsewhere) yield canonical
  }

  /** A session was matched at another server. */
  matchedElsewhere(id: string, callId: string): LobbyEffect[] {
    const session = this.#sessions.get(canonicalId(id))
    if (!session) return []
    session.presents = callId
    session.elsewhere = true
    return this.#tellWaiting(session)
  }

  /** The call that a session had at another server is over. */
  endedElsewhere(id: string): LobbyEffect[] {
    const session = this.#sessions.get(canonicalId(id))
    if (!session?.elsewhere) return []
    forget(session)
    return this.#tellWaiting(session)
  }

  #partner(session: Session): Session | null {
    const other = session.call && session.wish !== null ? this.#sessions.get(session.wish) : undefined
    return other && other.call === session.call ? other : null
  }

  /** A new call, under a fresh call id. */
  #match(session: Session, other: Session): LobbyEffect[] {
    const begunBy = other.call ? [session.id] : [session.id, other.id]
    const effects = [...this.#replace(session), ...this.#replace(other)]
    return [...effects, ...this.#join(session, other, this.#newCallId(), begunBy)]
  }

  /** Back to call `callId`, which the other side holds, or presents as well. */
  #resume(session: Session, other: Session, callId: string): LobbyEffect[] {
    if (other.call && session.call === other.call) return [this.#matched(session, other, true)]
    const effects = this.#replace(session)
    if (!other.call) return [...effects, ...this.#join(session, other, callId)]
    session.call = other.call
    session.elsewhere = false
    this.#joined++
    const { ids } = other.call
    return [
      ...effects,
      { kind: 'joined', callId, ids, resumed: true, begunBy: [] },
      this.#matched(session, other, true),
      tell(other, { type: 'back', callId }),
      ...this.#tellWaiting(session),
    ]
  }

  /** Without `begunBy` they come back to a call that this lobby does not know. */
  #join(session: Session, other: Session, callId: string, begunBy?: readonly string[]): LobbyEffect[] {
    const resumed = begunBy === undefined
    const ids = pairOf(session, other)
    session.call = other.call = { callId, ids }
    session.elsewhere = other.elsewhere = false
    this.#joined++
    return [
      { kind: 'joined', callId, ids, resumed, begunBy: begunBy ?? ids },
      this.#matched(session, other, resumed),
      this.#matched(other, session, resumed),
      ...this.#tellWaiting(session),
      ...this.#tellWaiting(other),
    ]
  }

  #matched(session: Session, other: Session, resumed: boolean): LobbyEffect {
    return tell(session, { type: 'matched', callId: session.call!.callId, peer: other.id, resumed })
  }

  /** Ends the call of a session in favour of a new one with the same person: nobody is told that anyone left. */
  #replace(session: Session): LobbyEffect[] {
    const { call } = session
    if (!call) return []
    const other = this.#partner(session)
    if (other) {
      this.#joined--
      other.call = null
    }
    session.call = null
    return [{ kind: 'ended', callId: call.callId, ids: call.ids, why: 'replaced' }]
  }

  #leave(session: Session, reason: LeaveReason): LobbyEffect[] {
    const { call } = session
    const other = this.#partner(session)
    forget(session)
    if (!call) return []
    const ended: LobbyEffect = { kind: 'ended', callId: call.callId, ids: call.ids, why: reason }
    if (!other) return [ended, ...this.#tellWaiting(session)]
    this.#joined--
    forget(other)
    // The news goes first: a connection asks for a sign that it has arrived.
    const left = tell(other, { type: 'left', callId: call.callId, reason })
    return [left, ended, ...this.#tellWaiting(other), ...this.#tellWaiting(session)]
  }

  /** Whether a session is busy changed: those who wait for it learn that, if it named them itself. */
  #tellWaiting(session: Session): LobbyEffect[] {
    const effects: LobbyEffect[] = []
    for (const name of session.named) {
      const waiting = this.#sessions.get(name)
      const waits = waiting ? waiting.wish === session.canonical : this.clustered
      if (!waits || session.wish === name) continue
      const state = isBusy(session) ? 'busy' : 'absent'
      effects.push({ kind: 'tell', to: name, message: { type: 'presence', to: session.id, state } })
    }
    return effects
  }
}

function isBusy({ call, elsewhere }: Session): boolean {
  return call !== null || elsewhere
}

function pairOf(one: Session, other: Session): Pair {
  return one.canonical < other.canonical ? [one.id, other.id] : [other.id, one.id]
}

function forget(session: Session): void {
  session.wish = session.presents = session.call = null
  session.elsewhere = false
}

function remember(named: string[], canonical: string): void {
  const at = named.indexOf(canonical)
  if (at >= 0) named.splice(at, 1)
  named.push(canonical)
  if (named.length > MAX_NAMED) named.shift()
}

function tell(session: Session, message: FromServer): LobbyEffect {
  return { kind: 'tell', to: session.canonical, message }
}

function notOnline() {
  return fail('notOnline', 'Log in first.')
}
