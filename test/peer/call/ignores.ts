/** Why the cells of the state x event table that have no transition are ignored. */
import type { Column, Region } from './table.js'

export interface Ignore {
  /** Rows whose name begins with one of these. */
  readonly states: readonly string[]
  /** Columns by name; `agreement.*` for all that begin so and have no transition here; `*` for all that are left. */
  readonly events: readonly (Column | `${string}*`)[]
  readonly reason: string
}

const talking = ['route', 'liveness', 'microphone', 'farewell']
const ignore = (states: string | readonly string[], events: Ignore['events'], reason: string): Ignore => ({
  states: typeof states === 'string' ? [states] : states,
  events,
  reason,
})

/** Regions that are active at the same time as a row of this one. */
export const besides: Record<Region, readonly Region[]> = {
  signaling: ['call', 'route', 'liveness', 'microphone', 'farewell'],
  call: ['signaling'],
  route: ['signaling', 'liveness', 'microphone', 'farewell'],
  liveness: ['signaling', 'route', 'microphone', 'farewell'],
  microphone: ['signaling', 'route', 'liveness', 'farewell'],
  farewell: ['signaling', 'route', 'liveness', 'microphone'],
}

/** The first that fits counts. What another active region handles, and delays that do not run here, need no line. */
export const ignores: readonly Ignore[] = [
  ignore('', ['server.back'], 'what is heard decides; where new keys are needed the server says matched'),
  ignore('', ['server.error'], 'shown to the person; what changes anything comes as refused or closed'),
  ignore('', ['sound.started'], 'nothing waits for it; only a failure changes anything'),

  ignore('signaling.connecting', ['peer.heard', 'call.quiet'], 'not possible: nobody talks before the first login'),
  ignore(
    ['signaling.connecting', 'signaling.reconnecting'],
    ['server.pong'],
    'no socket is in use: late news of an older one',
  ),
  ignore(
    ['signaling.connecting.pausing', 'signaling.reconnecting.pausing'],
    ['server.closed'],
    'late news of a socket that was given up',
  ),
  ignore(
    ['signaling.connecting', 'signaling.reconnecting'],
    ['server.greeted'],
    'no socket is in use that it could replace: all depends on what the server says to it',
  ),
  ignore(
    [
      'signaling.online.steady',
      'signaling.online.doubted.asking',
      'signaling.online.doubted.pausing',
      'signaling.refused',
    ],
    ['server.greeted'],
    'late news of a socket that was given up',
  ),
  ignore('signaling.online.doubted.entering', ['server.greeted'], 'said already'),
  ignore(
    'signaling.online.moving',
    ['server.greeted'],
    'voice goes by the old socket until the new one is in the call',
  ),
  ignore('signaling.online.moving', ['peer.heard'], 'the server is not in doubt'),
  ignore('signaling.online.moving', ['server.pong'], 'no ping is out: an answer that comes late or twice'),
  ignore(
    ['signaling.connecting', 'signaling.reconnecting'],
    ['server.servers', 'server.move'],
    'no socket is in use: late news of an older one',
  ),
  ignore('signaling.online.steady', ['server.online'], 'late news of a socket that was given up'),
  ignore('signaling.online.steady', ['peer.heard'], 'the server is not in doubt'),
  ignore('signaling.online.steady.listening', ['server.pong'], 'no ping is out: an answer that comes late or twice'),
  ignore(
    ['signaling.online.doubted', 'signaling.reconnecting'],
    ['call.quiet'],
    'the server is being looked for already',
  ),
  ignore('signaling.reconnecting', ['peer.heard'], 'it came on the direct route, and says nothing of the server'),
  ignore('signaling.refused', ['server.*'], 'the server has turned us away for good: late news of an older socket'),
  ignore('signaling.refused', ['peer.heard'], 'it came on the direct route, and says nothing of the server'),
  ignore('signaling.refused', ['call.quiet'], 'the server has turned us away for good: no second socket'),

  ignore(['waiting', 'agreeing'], ['confirm'], 'there is no code to confirm yet'),
  ignore('waiting', ['server.pass', 'server.away', 'server.left'], 'late news of a call that is over for us'),
  ignore(['waiting', ...talking], ['agreement.*'], 'not possible: the agreement stopped when agreeing was left'),
  ignore(['waiting', 'agreeing'], ['peer.*', 'sound.*', 'direct.*'], 'not possible: no such actor runs without keys'),
  ignore('agreeing', ['server.usedUp'], 'keys are agreed all the same; whether any voice comes is seen then'),
  ignore(['waiting', 'agreeing'], ['address.changed'], 'no route yet: the first attempt uses the new address'),
  ignore(['agreeing', ...talking], ['server.presence'], 'late news of the time before the match'),

  ignore(talking, ['link.gaveUp'], 'the call goes on without the server as long as the other side is heard'),
  ignore(talking, ['server.pass'], 'keys are agreed: a flight that comes late or twice'),
  ignore(talking, ['server.away'], 'what is heard decides, not the word of the server'),
  ignore('liveness.present', ['server.left'], 'farewell remembers it until nothing is heard'),
  ignore('microphone.open', ['unmute'], 'open already'),
  ignore('microphone.muted', ['mute'], 'muted already'),

  ignore(['route.racing', 'route.relayed'], ['peer.heard'], 'it says nothing of the direct route: only a proof does'),
  ignore('route.racing', ['direct.open'], 'open is not proved yet'),
  ignore('route.relayed.verifying', ['direct.open'], 'open already'),
  ignore('route.relayed.verifying', ['direct.unavailable'], 'not possible: it is open'),
  ignore('route.relayed.resting', ['direct.*'], 'of an attempt that was left: only its proof still counts'),
  ignore('route.relayed.off', ['direct.*', 'address.changed'], 'no direct route in this call'),
  ignore('route.direct', ['direct.open', 'direct.proved'], 'proved already'),
  ignore('route.direct', ['direct.unavailable'], 'not possible: it works'),

  ignore('ending', ['*'], 'the call ends already'),
]
