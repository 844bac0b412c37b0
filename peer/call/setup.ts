/**
 * The vocabulary of the call statechart: its context, the actors that it is handed, its actions, guards and delays.
 * Nothing here owns a clock, a socket or a random source; the actors are placeholders until `provide`.
 */
import { and, assign, emit, enqueueActions, fromCallback, sendTo, setup, stateIn } from 'xstate'
import { isNewer } from '../../protocol/negotiation.js'
import type { ByeReason, RouteWish } from '../../protocol/packet.js'
import type { FromPeer, LeaveReason } from '../../protocol/signaling.js'
import type { CallEvent, Distrust, EndReason } from './events.js'
import { TIMINGS } from './timings.js'

export interface CallInput {
  readonly ownId: string
  readonly peerId: string
  readonly wants: RouteWish
  /** Ends the call as nobodyCame after so long waiting, ms; null: never. */
  readonly waitMs: number | null
  /** Hangs up after so long talking, ms; null: never. */
  readonly talkMs: number | null
  /** This side keeps a recording of the call; absent: it does not. */
  readonly recording?: boolean
  /** The password is good for one guess: once it may have been tested and nothing confirmed it, the call is over. Absent: it is not. */
  readonly oneGuess?: boolean
  /** A number from 0 to 1, evenly spread: spreads reconnects. */
  readonly random: () => number
}

export interface CallContext extends CallInput {
  /** Number of the latest socket, and of the one that is logged in and in use (0: none yet). */
  readonly attempt: number
  readonly link: number
  /** Attempts to connect since the last success. */
  readonly tries: number
  readonly missedPings: number
  /** The server that is in use, and that the latest socket was opened to; null: the one that was given. And others of its cluster. */
  readonly server: string | null
  readonly dialled: string | null
  readonly servers: readonly string[]
  /** Where the server wants this side to go on. */
  readonly moveTo: string | null
  /** What a restarting server announced. */
  readonly restart: { readonly reconnectInMs: number; readonly tryForMs: number } | null
  readonly presence: 'absent' | 'busy' | null
  /** The call that the server matched last, and the one that we hold keys of. */
  readonly callId: string | null
  readonly agreedCallId: string | null
  /** Our half of the confirmation is out and the other's is not in: silence now counts as a wrong guess. */
  readonly awaitsConfirmation: boolean
  /** Null: it has not said so yet. */
  readonly peerWants: RouteWish | null
  readonly peerMuted: boolean
  readonly peerDoubts: boolean
  readonly muted: boolean
  readonly recording: boolean
  /** As the other side said last. It outlives new keys: it holds until the other side says otherwise. */
  readonly peerRecording: boolean
  readonly mode: 'password' | 'code' | null
  readonly code: string | null
  readonly verified: boolean
  /** The other side's key is pinned since then, epoch ms; null: it was not when keys were agreed. */
  readonly since: number | null
  /** Number of the latest direct attempt, and how many failed in a row. */
  readonly generation: number
  readonly directFailures: number
  /** This machine has no direct route: said once, true for the whole call. */
  readonly directUnavailable: boolean
  /** This machine has another address than when the latest attempt began. */
  readonly addressIsNew: boolean
  /** The server said just now that the other side left: believed only once nothing is heard any more. */
  readonly leftHint: boolean
  /** What the server said when it stopped relaying this call; null: it relays. */
  readonly usedUp: string | null
  readonly reason: EndReason | null
  /** One sentence that goes with the reason, where there is one. */
  readonly detail: string | null
  readonly distrust: Distrust | null
}

/** To the server's link. Frames are not its business: they pass beside the statechart. */
export type LinkCommand =
  /** `url`: of another server than the one that was given. */
  | { type: 'dial'; attempt: number; url?: string }
  /** Use this socket from now on; drop all others. `overlaps`: but voice goes by the one in use until this one is in the call. */
  | { type: 'adopt'; attempt: number; overlaps?: true }
  /** Drop this socket. */
  | { type: 'abandon'; attempt: number }
  | { type: 'tell'; message: FromPeer }
  | { type: 'close' }

export type AgreementCommand = { type: 'flight'; data: string }
export type SessionCommand = { type: 'bye'; reason: ByeReason; answer: boolean }
export type SoundCommand = { type: 'muted'; muted: boolean }
export type DirectCommand = { type: 'try'; generation: number } | { type: 'leave'; generation: number }

export interface AgreementInput {
  readonly callId: string
  readonly ownId: string
  readonly peerId: string
}
export interface SessionInput {
  readonly wants: RouteWish
}
export interface SoundInput {
  readonly muted: boolean
}
export interface DirectInput {
  readonly ownId: string
  readonly peerId: string
}

const placeholder = (what: string) => () => {
  throw new Error(`the call statechart was started without its actor for ${what}`)
}

export const callSetup = setup({
  types: {
    context: {} as CallContext,
    events: {} as CallEvent,
    input: {} as CallInput,
    emitted: {} as { type: 'keyConfirmed' },
    children: {} as { link: 'link'; agreement: 'agreement'; session: 'session'; sound: 'sound'; direct: 'direct' },
  },
  actors: {
    link: fromCallback<LinkCommand>(placeholder('the server')),
    agreement: fromCallback<AgreementCommand, AgreementInput>(placeholder('the key agreement')),
    session: fromCallback<SessionCommand, SessionInput>(placeholder('the sealed session')),
    sound: fromCallback<SoundCommand, SoundInput>(placeholder('sound')),
    direct: fromCallback<DirectCommand, DirectInput>(placeholder('the direct route')),
  },
  delays: {
    hello: TIMINGS.hello,
    helloOfSeveral: ({ context }) => (isFirstRound(context) ? TIMINGS.helloOfSeveral : TIMINGS.hello),
    firstConnect: TIMINGS.firstConnect,
    serverGone: ({ context }) => context.restart?.tryForMs ?? TIMINGS.serverGone,
    backoff: ({ context }) => backoff(context),
    ping: TIMINGS.ping,
    pong: TIMINGS.pong,
    asking: TIMINGS.asking,
    wait: ({ context }) => context.waitMs ?? 0,
    talk: ({ context }) => context.talkMs ?? 0,
    agreeing: TIMINGS.agreeing,
    directOpening: TIMINGS.directOpening,
    directProving: TIMINGS.directProving,
    raceAgain: TIMINGS.raceAgain,
    directRetry: ({ context }) => directRetry(context.directFailures),
    directStable: TIMINGS.directStable,
    doubt: TIMINGS.doubt,
    doubtful: TIMINGS.doubtful,
    regaining: TIMINGS.regaining,
    firstHeard: TIMINGS.firstHeard,
    quiet: TIMINGS.quiet,
    stillQuiet: TIMINGS.stillQuiet,
    leftHint: TIMINGS.leftHint,
    silent: TIMINGS.silent,
    vanished: TIMINGS.vanished,
    byeAgain: TIMINGS.byeAgain,
    ending: TIMINGS.ending,
  },
  guards: {
    isLink: ({ context, event }) => 'attempt' in event && event.attempt === context.link,
    isPending: ({ context, event }) =>
      'attempt' in event && event.attempt === context.attempt && context.attempt !== context.link,
    isPassing: ({ context, event }) => isCurrent(context, event) && isPassing(event),
    isFinal: ({ context, event }) => isCurrent(context, event) && !isPassing(event),
    /** Not while keys are being agreed: what is on its way for that would be lost. */
    mayMove: ({ context: { moveTo, callId, agreedCallId } }) =>
      moveTo !== null && (callId === null || callId === agreedCallId),
    missedTwo: ({ context }) => context.missedPings >= 1,
    isThisCall: ({ context, event }) => 'callId' in event && event.callId === context.callId,
    isThisCallUnverified: ({ context, event }) =>
      event.type === 'server.left' && event.callId === context.callId && event.reason === 'unverified',
    isOwnGeneration: ({ context, event }) => 'generation' in event && event.generation === context.generation,
    isNewGeneration: ({ context, event }) =>
      'generation' in event && isNewer(event.generation, context.generation) && !context.directUnavailable,
    wantsWait: ({ context }) => context.waitMs !== null,
    wantsLimit: ({ context }) => context.talkMs !== null,
    relayOnly: ({ context }) => someoneWants(context, 'relay') && !someoneWants(context, 'direct'),
    directIsOff: ({ context }) =>
      context.directUnavailable || (someoneWants(context, 'relay') && !someoneWants(context, 'direct')),
    directOnly: ({ context }) => someoneWants(context, 'direct') && !someoneWants(context, 'relay'),
    isUsedUp: ({ context }) => context.usedUp !== null,
    contradict: ({ context }) => someoneWants(context, 'direct') && someoneWants(context, 'relay'),
    relayAllowed: ({ context }) => !someoneWants(context, 'direct'),
    bothAllowRelay: ({ context }) => context.peerWants !== null && !someoneWants(context, 'direct'),
    isOwnAndDirectOnly: ({ context, event }) =>
      'generation' in event && event.generation === context.generation && someoneWants(context, 'direct'),
    nothingHeard: stateIn('#quiet'),
    isOwnAndRelayAllowed: and(['isOwnGeneration', 'relayAllowed']),
    addressIsNew: ({ context }) => context.addressIsNew,
    isResumed: ({ context, event }) =>
      event.type === 'server.matched' && event.resumed && event.callId === context.callId,
    peerSaidLeft: ({ context }) => context.leftHint,
    linkIsDown: ({ context }) => context.link === 0,
    awaitsConfirmation: ({ context }) => context.awaitsConfirmation,
    guessIsSpent: ({ context }) => isSpent(context),
    isThisCallAndSpent: and(['isThisCall', 'guessIsSpent']),
    isNewCallAndSpent: and(['isNewCall', 'guessIsSpent']),
    isUnverified: ({ context }) => !context.verified,
    isNewCall: ({ context, event }) =>
      event.type === 'server.matched' && !event.resumed && event.callId !== context.callId,
  },
  actions: {
    /** The person has compared the code: whoever holds the keys remembers the other side's. */
    keyConfirmed: emit({ type: 'keyConfirmed' }),
    /** Opens a new socket beside whatever there is; `url`: to where the server wants this side. */
    dial: enqueueActions(({ context, enqueue }, there?: { readonly url: string | null }) => {
      const attempt = context.attempt + 1
      const url = there?.url ?? whereToDial(context)
      enqueue.assign({ attempt, dialled: url })
      enqueue.sendTo('link', { type: 'dial', attempt, ...(url !== null && { url }) })
    }),
    abandonPending: enqueueActions(({ context: { attempt, link }, enqueue }) => {
      if (attempt !== link) enqueue.sendTo('link', { type: 'abandon', attempt })
    }),
    /** The pending socket is logged in: from now on it is the link. `overlaps`: while the one in use is as good as ever. */
    adopt: enqueueActions(({ context, enqueue }, beside?: { readonly overlaps: true }) => {
      enqueue.assign({ link: context.attempt, server: context.dialled, tries: 0, missedPings: 0, restart: null })
      enqueue.sendTo('link', { type: 'adopt', attempt: context.attempt, ...beside })
    }),
    noteServers: assign(({ context, event }) => (event.type === 'server.servers' ? { servers: event.urls } : context)),
    noteMove: assign(({ context, event }) => (event.type === 'server.move' ? { moveTo: event.url } : context)),
    nameThePeer: sendTo('link', ({ context }) => ({
      type: 'tell',
      message: { type: 'call', to: context.peerId, ...(context.agreedCallId ? { resume: context.agreedCallId } : {}) },
    })),
    ping: sendTo('link', ({ context }) => ({ type: 'tell', message: { type: 'ping', n: context.missedPings } })),
    tryDirect: enqueueActions(({ context, enqueue }) => {
      const generation = (context.generation + 1) & 0xffff
      enqueue.assign({ generation, addressIsNew: false })
      enqueue.sendTo('direct', { type: 'try', generation })
    }),
    /** The other side has begun an attempt: ours is the same one. */
    joinDirect: enqueueActions(({ event, enqueue }) => {
      if (event.type !== 'direct.called') return
      const { generation } = event
      enqueue.assign({ generation, addressIsNew: false })
      enqueue.sendTo('direct', { type: 'try', generation })
    }),
    declineDirect: enqueueActions(({ event, enqueue }) => {
      if (event.type === 'direct.called') enqueue.sendTo('direct', { type: 'leave', generation: event.generation })
    }),
    leaveDirect: sendTo('direct', ({ context }) => ({ type: 'leave', generation: context.generation })),
    directFailed: assign({ directFailures: ({ context }) => context.directFailures + 1 }),
    directUnavailable: assign({ directUnavailable: true }),
    directLasts: assign({ directFailures: 0 }),
    noteAddress: assign({ addressIsNew: true }),
    takeCall: assign(({ context, event }) =>
      event.type === 'server.matched'
        ? { callId: event.callId, agreedCallId: null, awaitsConfirmation: false, presence: null }
        : context,
    ),
    setMutedEarly: assign(({ event }) => ({ muted: event.type === 'mute' })),
    noteUsedUp: assign(({ context, event }) => (event.type === 'server.usedUp' ? { usedUp: event.message } : context)),
    endUsedUp: assign(({ context }) => ({ reason: 'refused', detail: context.usedUp })),
    recordingEnded: assign({ recording: false }),
    linkDown: assign({ link: 0 }),
    again: assign({ tries: ({ context }) => context.tries + 1 }),
    setMuted: enqueueActions(({ enqueue }, params: { muted: boolean }) => {
      enqueue.assign({ muted: params.muted })
      enqueue.sendTo('sound', { type: 'muted', muted: params.muted })
    }),
    sayBye: sendTo('session', ({ context }) => ({ type: 'bye', reason: byeReason(context.reason), answer: false })),
    answerBye: sendTo('session', ({ context }) => ({ type: 'bye', reason: byeReason(context.reason), answer: true })),
    leave: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo('link', { type: 'tell', message: { type: 'leave', reason: leaveReason(context.reason) } })
      enqueue.sendTo('link', { type: 'close' })
    }),
    end: assign((_, params: { reason: EndReason; detail?: string | null }) => ({
      reason: params.reason,
      detail: params.detail ?? null,
    })),
  },
})

/** Whether one of the two wants this route alone. */
export function someoneWants({ wants, peerWants }: CallContext, route: RouteWish): boolean {
  return wants === route || peerWants === route
}

/** The only guess that there is at the password may have been made, and it was not confirmed as right. */
export function isSpent({ oneGuess, awaitsConfirmation }: CallContext): boolean {
  return oneGuess === true && awaitsConfirmation
}

/** What the other side is told of the reason, sealed. */
function byeReason(reason: EndReason | null): ByeReason {
  if (reason === 'noRoute' || reason === 'vanished') return reason
  return reason === 'deviceLost' ? 'failed' : 'hungUp'
}

/** What the server is told of the reason. */
function leaveReason(reason: EndReason | null): LeaveReason {
  if (reason === 'noRoute' || reason === 'vanished' || reason === 'unverified') return reason
  return reason === 'hungUp' || reason === 'peerHungUp' ? 'hungUp' : 'failed'
}

/** Of the socket in use or of the latest one, not of one that was given up. */
function isCurrent({ attempt, link }: CallContext, event: CallEvent): boolean {
  return 'attempt' in event && (event.attempt === attempt || event.attempt === link)
}

/** A refusal that another attempt may get past. */
function isPassing(event: CallEvent): boolean {
  return event.type === 'server.refused' && (event.reason === 'tooMany' || event.reason === 'slow')
}

/** Where a server may be found: the one in use, the others of its cluster, and the one that was given. */
function knownServers({ server, servers }: CallContext): readonly (string | null)[] {
  return [...new Set([server, ...servers, null])]
}

/** Several servers are known, and one of them at least was not tried yet. */
function isFirstRound(context: CallContext): boolean {
  const known = knownServers(context).length
  return known > 1 && context.tries <= known
}

/** One after the other. Who has lost the link pauses before the first attempt, who only doubts it makes one first. */
function whereToDial(context: CallContext): string | null {
  const known = knownServers(context)
  const failed = context.link === 0 ? Math.max(context.tries, 1) - 1 : context.tries
  return known[failed % known.length] ?? null
}

function backoff(context: CallContext): number {
  const { tries, restart } = context
  if (restart && tries <= 1) return restart.reconnectInMs
  // Each server that is known is tried before the next pause.
  const round = Math.ceil(Math.max(tries, 1) / knownServers(context).length)
  const pause = TIMINGS.backoff[Math.min(round, TIMINGS.backoff.length) - 1] ?? 0
  return round < 3 ? pause : pause * (0.8 + 0.4 * context.random())
}

function directRetry(failures: number): number {
  if (failures <= 1) return TIMINGS.directRetryFirst
  return failures <= TIMINGS.directRetriesBeforeLate ? TIMINGS.directRetry : TIMINGS.directRetryLate
}
