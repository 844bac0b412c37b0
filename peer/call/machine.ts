/**
 * The call as a statechart (XState): two regions side by side, the link to the server and the call itself.
 * Pure: sockets, keys, sound and routes are actors that are handed in with `provide`; time is the actor system's clock.
 */
import { callRegion } from './call-region.js'
import { callSetup } from './setup.js'
import { signalingRegion } from './signaling-region.js'

export const callMachine = callSetup.createMachine({
  id: 'voicechat',
  type: 'parallel',
  context: ({ input }) => ({
    ...input,
    attempt: 0,
    link: 0,
    tries: 0,
    missedPings: 0,
    server: null,
    dialled: null,
    servers: [],
    moveTo: null,
    restart: null,
    presence: null,
    callId: null,
    agreedCallId: null,
    awaitsConfirmation: false,
    peerWants: null,
    peerMuted: false,
    peerDoubts: false,
    muted: false,
    recording: input.recording ?? false,
    peerRecording: false,
    mode: null,
    code: null,
    verified: false,
    since: null,
    generation: 0,
    directFailures: 0,
    addressIsNew: false,
    directUnavailable: false,
    leftHint: false,
    usedUp: null,
    reason: null,
    detail: null,
    distrust: null,
  }),
  invoke: { id: 'link', src: 'link' },
  states: { signaling: signalingRegion, call: callRegion },
})
