/**
 * What each state does with each event and each delay: a row a state in which the call can rest, a column an event type or a
 * delay. A cell is what happens, or an ignore with its reason. table.test.ts holds it against the statechart, cell by cell.
 */
import type { CallEvent } from '../../../peer/call/events.js'

export type Region = 'signaling' | 'call' | 'route' | 'liveness' | 'microphone' | 'farewell'
export type Column = CallEvent['type'] | `after ${string}`
export type Row = Partial<Record<Column, string>>

/** Each event type, and the regions that do something with it in some state. A new event does not compile without its column. */
export const columns: Record<CallEvent['type'], readonly Region[]> = {
  mute: ['call', 'microphone'],
  unmute: ['call', 'microphone'],
  confirm: ['call'],
  hangUp: ['call'],
  'server.greeted': ['signaling'],
  'server.online': ['signaling'],
  'server.closed': ['signaling'],
  'server.refused': ['signaling', 'call'],
  'server.pong': ['signaling'],
  'server.restarting': ['signaling'],
  'server.presence': ['call'],
  'server.matched': ['call', 'route'],
  'server.pass': ['call'],
  'server.away': ['call'],
  'server.back': [],
  'server.left': ['call', 'liveness', 'farewell'],
  'server.servers': ['signaling'],
  'server.move': ['signaling'],
  'server.usedUp': ['call'],
  'server.error': [],
  'agreement.send': ['call'],
  'agreement.agreed': ['call'],
  'agreement.failed': ['call'],
  'peer.heard': ['signaling', 'route', 'liveness'],
  'peer.status': ['call'],
  'peer.bye': ['call'],
  'sound.started': [],
  'sound.failed': ['call'],
  'recording.ended': ['call'],
  'direct.called': ['route'],
  'direct.open': ['route'],
  'direct.proved': ['route'],
  'direct.failed': ['route'],
  'direct.unavailable': ['route'],
  'address.changed': ['route'],
  'call.quiet': ['signaling'],
  'call.ended': ['signaling'],
  'link.gaveUp': ['call'],
}

const server: Row = { 'call.ended': 'signaling.closed', 'server.restarting': 'action only' }

const connecting = (state: string, gone: Column): Record<'dialling' | 'pausing', Row> => {
  const both = { ...server, 'server.online': 'signaling.online if isPending', [gone]: 'action only' }
  return {
    dialling: {
      ...both,
      'server.refused': `${state}.pausing if isPassing, else signaling.refused if isFinal`,
      'server.closed': `${state}.pausing if isPending`,
      'after helloOfSeveral': `${state}.pausing`,
    },
    pausing: {
      ...both,
      'server.refused': 'signaling.refused if isFinal',
      'after backoff': `${state}.dialling`,
    },
  }
}
const first = connecting('signaling.connecting', 'after firstConnect')
const again = connecting('signaling.reconnecting', 'after serverGone')

const online: Row = { ...server, 'server.servers': 'action only', 'server.move': 'action only' }

const steady: Row = {
  ...online,
  'server.refused': 'signaling.reconnecting if isLink',
  'server.closed': 'signaling.reconnecting if isLink',
  'call.quiet': 'signaling.online.doubted',
}

const doubted: Row = {
  ...online,
  'server.online': 'signaling.online if isPending',
  'server.pong': 'signaling.online.steady if isLink',
  'peer.heard': 'signaling.online.steady if (event)',
}
const oneOfTwo =
  'signaling.reconnecting.dialling if isLink, else signaling.online.doubted.pausing if isPending, else signaling.reconnecting if isLink'
const oneOrOther =
  'signaling.reconnecting.dialling if isLink, else signaling.online.steady if isPending, else signaling.reconnecting if isLink'
const theLink = 'signaling.reconnecting.pausing if isLink, else signaling.reconnecting if isLink'

const beforeTalking: Row = {
  hangUp: 'ended',
  mute: 'action only',
  unmute: 'action only',
  'recording.ended': 'action only',
  'link.gaveUp': 'ended',
  'server.refused': 'ended if isFinal',
  'server.matched': 'agreeing if isNewCall',
}

const talking: Row = {
  hangUp: 'ending',
  confirm: 'action only if isUnverified',
  'server.matched': 'agreeing if isNewCall',
  'peer.status': 'action only',
  'recording.ended': 'action only',
  'server.usedUp': 'action only',
  'peer.bye': 'answering if (event)',
  'sound.failed': 'ending',
  'after talk': 'ending if wantsLimit',
}
const relayed: Row = {
  ...talking,
  'direct.called': 'route.relayed.probing if isNewGeneration',
  'direct.proved': 'route.direct if isOwnGeneration',
}
const racing: Row = {
  ...relayed,
  'direct.called': 'route.racing.trying if isNewGeneration',
  'direct.failed': 'route.relayed.resting if isOwnAndRelayAllowed, else route.racing.pausing if isOwnGeneration',
  'direct.unavailable': 'ending if isOwnAndDirectOnly, else route.relayed.off if isOwnGeneration',
  'address.changed': 'route.racing.trying',
  'after directOpening': 'route.racing if nothingHeard, else ending',
}
const direct: Row = {
  ...talking,
  'direct.called': 'route.relayed.probing if isNewGeneration',
  'direct.failed': 'route.relayed.resting if isOwnGeneration',
  'address.changed': 'action only',
  'after directStable': 'action only',
}
const quiet: Row = {
  ...talking,
  'peer.heard': 'liveness.present',
  'server.left': 'ended if isThisCallUnverified, else ended if isThisCall',
  'after vanished': 'ended if isUsedUp, else ended if linkIsDown, else ended',
}
const farewell: Row = { ...talking, 'server.left': 'farewell.said if isThisCall' }

const ending: Row = { hangUp: 'ended', 'peer.bye': 'ended if (event), else answering', 'after ending': 'ended' }

/** Left in the same moment in which it is entered, or the end of all: no event ever meets it. */
export const passing = 'passing'

/** What happens, in the words of transitions.ts; what is not here is ignored. */
export const rows: Record<string, Row | typeof passing> = {
  'signaling.connecting.dialling': first.dialling,
  'signaling.connecting.pausing': first.pausing,
  'signaling.online.steady.listening': { ...steady, 'after ping': 'signaling.online.steady.pinged' },
  'signaling.online.steady.pinged': {
    ...steady,
    'server.pong': 'signaling.online.steady.listening if isLink',
    'after pong': 'signaling.lost if missedTwo, else signaling.online.steady.pinged',
  },
  'signaling.online.moving': {
    ...online,
    'server.online': 'signaling.online if isPending',
    'server.closed': oneOrOther,
    'server.refused': oneOrOther,
    'call.quiet': 'signaling.online.doubted',
    'after hello': 'signaling.online.steady',
  },
  'signaling.online.doubted.asking': {
    ...doubted,
    'server.refused': 'signaling.reconnecting if isLink',
    'server.closed': 'signaling.reconnecting if isLink',
    'after asking': 'signaling.online.doubted.dialling',
  },
  'signaling.online.doubted.dialling': {
    ...doubted,
    'server.refused': oneOfTwo,
    'server.closed': oneOfTwo,
    'server.greeted': 'signaling.online.doubted.entering if isPending',
    'after helloOfSeveral': 'signaling.online.doubted.pausing',
  },
  'signaling.online.doubted.entering': {
    ...doubted,
    'server.refused': oneOfTwo,
    'server.closed': oneOfTwo,
    'server.pong': 'nothing, on purpose',
    'peer.heard': 'nothing, on purpose',
    'after helloOfSeveral': 'signaling.online.doubted.pausing',
  },
  'signaling.online.doubted.pausing': {
    ...doubted,
    'server.refused': theLink,
    'server.closed': theLink,
    'after backoff': 'signaling.online.doubted.dialling',
  },
  'signaling.lost': passing,
  'signaling.reconnecting.dialling': again.dialling,
  'signaling.reconnecting.pausing': again.pausing,
  'signaling.refused': server,
  'signaling.closed': passing,

  waiting: {
    ...beforeTalking,
    'server.presence': 'ended if (event), else action only',
    'server.usedUp': 'ended',
    'after wait': 'ended if wantsWait',
  },
  agreeing: {
    ...beforeTalking,
    'server.pass': 'action only if isThisCall',
    'server.matched': 'ended if isNewCallAndSpent, else agreeing if isNewCall',
    'server.left': 'ended if (event), else ended if isThisCall',
    'server.away': 'ended if isThisCallAndSpent, else waiting if isThisCall',
    'agreement.send': 'action only',
    'agreement.agreed': 'joined',
    'agreement.failed': 'ended',
    'after agreeing': 'ended if awaitsConfirmation, else ended',
  },

  'route.choosing': passing,
  'route.racing.trying': racing,
  'route.racing.pausing': { ...racing, 'after raceAgain': 'route.racing.trying' },
  'route.relayed.probing': {
    ...relayed,
    'direct.open': 'route.relayed.verifying if isOwnGeneration',
    'direct.failed': 'route.relayed.resting if isOwnGeneration',
    'direct.unavailable': 'route.relayed.off if isOwnGeneration',
    'after directOpening': 'route.relayed.resting',
    'address.changed': 'route.relayed.probing',
  },
  'route.relayed.verifying': {
    ...relayed,
    'direct.failed': 'route.relayed.resting if isOwnGeneration',
    'after directProving': 'route.relayed.resting',
    'address.changed': 'route.relayed.probing',
  },
  'route.relayed.resting': {
    ...relayed,
    'address.changed': 'route.relayed.probing',
    'server.matched': 'route.relayed.probing if isResumed, else agreeing if isNewCall',
    'after directRetry': 'route.relayed.probing',
  },
  'route.relayed.off': { ...relayed, 'direct.called': 'action only' },
  'route.direct.trusted': {
    ...direct,
    'peer.heard': 'route.direct.trusted if (event)',
    'after doubt': 'route.direct.doubtful',
  },
  'route.direct.doubtful': {
    ...direct,
    'peer.heard': 'route.direct.regaining if (event)',
    'after doubtful': 'route.relayed.resting',
  },
  'route.direct.regaining.heard': {
    ...direct,
    'peer.heard': 'route.direct.regaining.heard if (event)',
    'after doubt': 'route.direct.doubtful',
    'after regaining': 'route.direct.trusted',
  },

  'liveness.awaited': {
    ...talking,
    'peer.heard': 'liveness.present',
    'server.left': 'ended if isThisCallUnverified, else ended if isThisCall',
    'after firstHeard': 'liveness.quiet',
  },
  'liveness.present': { ...talking, 'peer.heard': 'liveness.present', 'after quiet': 'liveness.quiet' },
  'liveness.quiet.hoping': { ...quiet, 'after silent': 'liveness.quiet.silent' },
  'liveness.quiet.silent': { ...quiet, 'after stillQuiet': 'liveness.quiet.silent' },

  'microphone.fromContext': passing,
  'microphone.open': { ...talking, mute: 'microphone.muted' },
  'microphone.muted': { ...talking, unmute: 'microphone.open' },

  'farewell.none': farewell,
  'farewell.said': { ...farewell, 'after leftHint': 'farewell.none' },

  answering: passing,
  'ending.first': { ...ending, 'after byeAgain': 'ending.second' },
  'ending.second': { ...ending, 'after byeAgain': 'ending.third' },
  'ending.third': ending,
  ended: passing,
}

/** Why nothing happens when the last guard of a cell says no; a guard without a name goes by the event. */
export const otherwise: Record<string, string> = {
  isPending: 'late news of an older socket: too late, ignore',
  isLink: 'news of a socket that is not in use: ignore',
  isFinal: 'of an older socket, or signaling tries again by itself',
  isUnverified: 'verified already',
  isNewCall: 'the call goes on with the keys that it has',
  isThisCall: 'late news of an older call: too late, ignore',
  isNewGeneration: 'that attempt is under way or over here, or there is no engine',
  isOwnGeneration: 'late news of an older direct attempt: too late, ignore',
  wantsWait: 'no limit was given',
  wantsLimit: 'no limit was given',
  'peer.heard': 'heard on the other route, which proves nothing here',
  'peer.bye': 'an answer to a bye that was never said',
}

/** By the short name of a state. */
export function regionOf(state: string): Region {
  const [first] = state.split('.')
  return first === 'signaling' ||
    first === 'route' ||
    first === 'liveness' ||
    first === 'microphone' ||
    first === 'farewell'
    ? first
    : 'call'
}
