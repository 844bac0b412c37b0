/** While two people talk, side by side: the route, whether the other is there, whether it said goodbye, the microphone, the limit of time. */
import { assign, raise } from 'xstate'
import { routeRegion } from './route-region.js'
import { callSetup } from './setup.js'

const peerHungUp = { target: '#ended', actions: { type: 'end', params: { reason: 'peerHungUp' } } } as const
const leftForGood = [
  /** We have keys, and the other side, which did not get our half of the confirmation, has none. */
  { guard: 'isThisCallUnverified', target: '#ended', actions: { type: 'end', params: { reason: 'unverified' } } },
  { ...peerHungUp, guard: 'isThisCall' },
] as const

const livenessRegion = callSetup.createStateConfig({
  initial: 'awaited',
  on: { 'peer.heard': '.present' },
  states: {
    awaited: {
      after: { firstHeard: 'quiet' },
      /** Gone before it said a word: there is no sign of life to hold against the server's word. */
      on: { 'server.left': leftForGood },
    },
    present: {
      after: { quiet: 'quiet' },
      on: { 'peer.heard': { target: 'present', reenter: true } },
    },
    /** The call is severed: nothing on any route. The server is asked whether it is still there (signaling-region.ts), again and again. */
    quiet: {
      id: 'quiet',
      entry: raise({ type: 'call.quiet' }),
      always: { ...peerHungUp, guard: 'peerSaidLeft' },
      on: { 'server.left': leftForGood },
      initial: 'hoping',
      after: {
        vanished: [
          { guard: 'isUsedUp', target: '#ended', actions: 'endUsedUp' },
          { guard: 'linkIsDown', target: '#ended', actions: { type: 'end', params: { reason: 'serverLost' } } },
          { target: '#ended', actions: { type: 'end', params: { reason: 'vanished' } } },
        ],
      },
      states: {
        hoping: { after: { silent: 'silent' } },
        silent: { after: { stillQuiet: { target: 'silent', reenter: true, actions: raise({ type: 'call.quiet' }) } } },
      },
    },
  },
})

const microphoneRegion = callSetup.createStateConfig({
  initial: 'fromContext',
  states: {
    fromContext: { always: [{ guard: ({ context }) => context.muted, target: 'muted' }, { target: 'open' }] },
    open: {
      on: { mute: { target: 'muted', actions: { type: 'setMuted', params: { muted: true } } } },
    },
    muted: {
      on: { unmute: { target: 'open', actions: { type: 'setMuted', params: { muted: false } } } },
    },
  },
})

/** The server's word that the other side left is no proof: it counts only if the other side falls quiet soon. */
const farewellRegion = callSetup.createStateConfig({
  initial: 'none',
  states: {
    none: { on: { 'server.left': { guard: 'isThisCall', target: 'said' } } },
    said: {
      on: { 'server.left': { guard: 'isThisCall', target: 'said', reenter: true } },
      entry: assign({ leftHint: true }),
      after: { leftHint: 'none' },
      exit: assign({ leftHint: false }),
    },
  },
})

/** A new call, with no keys yet. */
export const matched = { guard: 'isNewCall', target: '#agreeing', reenter: true, actions: 'takeCall' } as const

export const talking = callSetup.createStateConfig({
  type: 'parallel',
  after: { talk: { guard: 'wantsLimit', target: '#ending', actions: { type: 'end', params: { reason: 'hungUp' } } } },
  on: {
    /** The other side came back without our keys: agree anew. Not so while the call ends. */
    'server.matched': matched,
    hangUp: { target: '#ending', actions: { type: 'end', params: { reason: 'hungUp' } } },
    confirm: { guard: 'isUnverified', actions: [assign({ verified: true }), 'keyConfirmed'] },
    'peer.status': {
      actions: assign(({ event }) => ({
        peerMuted: event.muted,
        peerDoubts: event.doubt,
        peerRecording: event.recording,
        peerWants: event.wants,
      })),
    },
    'peer.bye': {
      guard: ({ event }) => !event.answer,
      target: '#answering',
      actions: {
        type: 'end',
        params: ({ event }) => ({ reason: event.reason === 'noRoute' ? 'noRoute' : 'peerHungUp' }),
      },
    },
    'server.usedUp': { actions: 'noteUsedUp' },
    'recording.ended': { actions: 'recordingEnded' },
    'sound.failed': {
      target: '#ending',
      actions: { type: 'end', params: ({ event }) => ({ reason: 'deviceLost', detail: event.message }) },
    },
  },
  states: { route: routeRegion, liveness: livenessRegion, microphone: microphoneRegion, farewell: farewellRegion },
})
