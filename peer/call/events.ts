/** All that can happen to a call. The state x event table of the statechart is written against this list. */
import type { ByeReason, RouteWish } from '../../protocol/packet.js'
import type { LeaveReason, Refusal } from '../../protocol/signaling.js'

export type RouteKind = 'direct' | 'relay'

/** Why a call ended, in the order of the design; each has an exit code (terminal/exit-codes.ts). */
export const endReasons = [
  'hungUp',
  'peerHungUp',
  'busy',
  'refused',
  'unverified',
  'vanished',
  'nobodyCame',
  'serverLost',
  'deviceLost',
  'noRoute',
] as const
export type EndReason = (typeof endReasons)[number]

/** What the person does. */
export type UserEvent = { type: 'mute' } | { type: 'unmute' } | { type: 'confirm' } | { type: 'hangUp' }

/** What the server's link reports. `attempt` numbers the sockets: late news of an older one are ignored by name. */
export type ServerEvent =
  /** The login is on its way. */
  | { type: 'server.greeted'; attempt: number }
  | { type: 'server.online'; attempt: number }
  | { type: 'server.closed'; attempt: number; why: string }
  | { type: 'server.refused'; attempt: number; reason: Refusal; message: string }
  | { type: 'server.pong'; attempt: number }
  | { type: 'server.restarting'; reconnectInMs: number; tryForMs: number }
  | { type: 'server.presence'; state: 'absent' | 'busy' }
  | { type: 'server.matched'; callId: string; resumed: boolean }
  | { type: 'server.pass'; callId: string; data: string }
  | { type: 'server.away'; callId: string }
  | { type: 'server.back'; callId: string }
  | { type: 'server.left'; callId: string; reason: LeaveReason }
  /** Others of the server's cluster; and that this side is to go on at another one. */
  | { type: 'server.servers'; urls: readonly string[] }
  | { type: 'server.move'; url: string }
  /** Of what this side may have of this server nothing is left: no new call, and in one that runs no relay. */
  | { type: 'server.usedUp'; message: string }
  | { type: 'server.error'; name: string; message: string }

/**
 * Why the other side is not trusted, where that is more than a failed agreement. `changedKey`: it shows another key than the one that
 * is pinned since then (epoch ms); fingerprints of both. `tooManyTries`: until `retryAt` (epoch ms; null: for good). `unaccounted`: what
 * is known of it can't be read, or what it tries can't be counted.
 */
export type Distrust =
  | { readonly name: 'changedKey'; readonly known: string; readonly seen: string; readonly since: number }
  | { readonly name: 'tooManyTries'; readonly retryAt: number | null }
  | { readonly name: 'unaccounted'; readonly hint: string }

/** What the key agreement reports. The keys themselves never enter the statechart. `since`: the key is pinned since then, epoch ms. */
export type AgreementEvent =
  | { type: 'agreement.send'; data: string; confirms: boolean }
  | { type: 'agreement.agreed'; mode: 'password' | 'code'; code: string; since: number | null }
  | { type: 'agreement.failed'; message: string; distrust: Distrust | null }

/** What the sealed session reports; only of what authenticated. */
export type SessionEvent =
  | { type: 'peer.heard'; route: RouteKind }
  | { type: 'peer.status'; muted: boolean; doubt: boolean; recording: boolean; wants: RouteWish }
  | { type: 'peer.bye'; reason: ByeReason; answer: boolean }

/** `failed`: the devices could not be opened, or there will be no sound any more. One that is lost for a while is no event here. */
export type SoundEvent =
  | { type: 'sound.started' }
  | { type: 'sound.failed'; name: string; message: string; hint: string }

/** The recording of the call ended before the call, which goes on without. */
export type RecordingEvent = { type: 'recording.ended' }

/**
 * What the direct route reports. `generation` numbers the attempts. `called`: the other side began one. `proved`: three
 * probes were answered on it.
 */
export type DirectEvent =
  | { type: 'direct.called'; generation: number }
  | { type: 'direct.open'; generation: number }
  | { type: 'direct.proved'; generation: number }
  | { type: 'direct.failed'; generation: number; why: string }
  | { type: 'direct.unavailable'; generation: number; why: string }
  | { type: 'address.changed' }

/** What one region tells another. */
export type InnerEvent = { type: 'call.quiet' } | { type: 'call.ended' } | { type: 'link.gaveUp' }

export type CallEvent =
  | UserEvent
  | ServerEvent
  | AgreementEvent
  | SessionEvent
  | SoundEvent
  | RecordingEvent
  | DirectEvent
  | InnerEvent
