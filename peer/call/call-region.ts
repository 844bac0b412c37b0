/** The call itself: waiting -> agreeing -> talking -> ending -> ended(reason). */
import { assign, raise, sendTo } from 'xstate'
import { callSetup, isSpent } from './setup.js'
import { matched, talking } from './talking.js'

const unverified = { target: '#ended', actions: { type: 'end', params: { reason: 'unverified' } } } as const
const ends = (reason: 'hungUp' | 'nobodyCame' | 'serverLost' | 'vanished' | 'peerHungUp') =>
  ({ target: '#ended', actions: { type: 'end', params: { reason } } }) as const

/** Before anyone talks: losing the server for good or being refused ends the call. */
const beforeTalking = {
  'link.gaveUp': ends('serverLost'),
  'server.refused': {
    guard: 'isFinal',
    target: '#ended',
    actions: {
      type: 'end',
      params: ({ event }: { event: { message: string } }) => ({ reason: 'refused' as const, detail: event.message }),
    },
  },
  hangUp: ends('hungUp'),
  /** Before there is sound: it starts muted then. */
  mute: { actions: 'setMutedEarly' },
  unmute: { actions: 'setMutedEarly' },
  /** Sound runs on while keys are agreed anew. */
  'recording.ended': { actions: 'recordingEnded' },
} as const

export const callRegion = callSetup.createStateConfig({
  initial: 'waiting',
  states: {
    waiting: {
      id: 'waiting',
      after: { wait: { guard: 'wantsWait', ...ends('nobodyCame') } },
      on: {
        ...beforeTalking,
        'server.presence': [
          {
            guard: ({ event }) => event.state === 'busy',
            target: '#ended',
            actions: { type: 'end', params: { reason: 'busy' } },
          },
          { actions: assign({ presence: ({ event }) => event.state }) },
        ],
        'server.matched': matched,
        'server.usedUp': { target: '#ended', actions: ['noteUsedUp', 'endUsedUp'] },
      },
    },
    agreeing: {
      id: 'agreeing',
      invoke: {
        id: 'agreement',
        src: 'agreement',
        input: ({ context }) => ({ callId: context.callId ?? '', ownId: context.ownId, peerId: context.peerId }),
      },
      after: {
        agreeing: [{ guard: 'awaitsConfirmation', ...unverified }, ends('vanished')],
      },
      on: {
        ...beforeTalking,
        'server.matched': [{ guard: 'isNewCallAndSpent', ...unverified }, matched],
        'server.pass': {
          guard: 'isThisCall',
          actions: sendTo('agreement', ({ event }) => ({ type: 'flight', data: event.data })),
        },
        'agreement.send': {
          actions: [
            sendTo('link', ({ context, event }) => ({
              type: 'tell',
              message: { type: 'pass', callId: context.callId ?? '', data: event.data },
            })),
            assign({ awaitsConfirmation: ({ event }) => event.confirms }),
          ],
        },
        'agreement.agreed': {
          target: 'joined',
          actions: assign(({ context, event }) => ({
            agreedCallId: context.callId,
            mode: event.mode,
            code: event.code,
            verified: event.mode === 'password' || event.since !== null,
            since: event.since,
          })),
        },
        'agreement.failed': {
          target: '#ended',
          actions: [
            { type: 'end', params: ({ event }) => ({ reason: 'unverified', detail: event.message }) },
            assign({ distrust: ({ event }) => event.distrust }),
          ],
        },
        'server.left': [
          {
            guard: ({ context, event }) =>
              event.callId === context.callId && (event.reason === 'unverified' || isSpent(context)),
            ...unverified,
          },
          {
            guard: 'isThisCall',
            target: '#ended',
            // Who gave up waiting did not hang up on us: no call came about, for either.
            actions: {
              type: 'end',
              params: ({ event }) => ({ reason: event.reason === 'vanished' ? 'vanished' : 'peerHungUp' }),
            },
          },
        ],
        'server.away': [
          { guard: 'isThisCallAndSpent', ...unverified },
          { guard: 'isThisCall', target: 'waiting' },
        ],
      },
    },
    /** Keys are agreed: sound and the sealed session live until the call has ended. */
    joined: {
      entry: assign({
        peerMuted: false,
        peerDoubts: false,
        peerWants: null,
        generation: 0,
        directFailures: 0,
        usedUp: null,
        addressIsNew: false,
      }),
      invoke: [
        { id: 'session', src: 'session', input: ({ context }) => ({ wants: context.wants }) },
        { id: 'sound', src: 'sound', input: ({ context }) => ({ muted: context.muted }) },
        { id: 'direct', src: 'direct', input: ({ context }) => ({ ownId: context.ownId, peerId: context.peerId }) },
      ],
      initial: 'talking',
      states: {
        talking,
        /** The other side said bye: say that we heard it, and that is all. */
        answering: { id: 'answering', entry: 'answerBye', always: '#ended' },
        ending: {
          id: 'ending',
          after: { ending: '#ended' },
          on: {
            hangUp: '#ended',
            'peer.bye': [{ guard: ({ event }) => event.answer, target: '#ended' }, { target: '#answering' }],
          },
          initial: 'first',
          states: {
            first: { entry: 'sayBye', after: { byeAgain: 'second' } },
            second: { entry: 'sayBye', after: { byeAgain: 'third' } },
            third: { entry: 'sayBye' },
          },
        },
      },
    },
    ended: { id: 'ended', type: 'final', entry: raise({ type: 'call.ended' }) },
  },
})
