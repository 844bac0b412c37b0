/**
 * Which way the voice goes while two people talk. The direct route is tried first, proved before it is trusted,
 * doubted as soon as it goes quiet, and left when it stays so; the relay stays bound all the time.
 * News of an older direct attempt is ignored everywhere: each handler is guarded by its generation.
 */
import { callSetup } from './setup.js'

const noRoute = {
  target: '#ending',
  actions: { type: 'end', params: { reason: 'noRoute' } },
} as const

const onRelay = ({ event }: { event: { route: string } }) => event.route === 'relay'
const onDirect = ({ event }: { event: { route: string } }) => event.route === 'direct'

export const routeRegion = callSetup.createStateConfig({
  initial: 'racing',
  always: { guard: 'contradict', ...noRoute },
  states: {
    /** Direct alone gets a head start; nothing is on the relay yet. */
    racing: {
      always: { guard: 'relayOnly', target: 'relayed.off' },
      entry: 'tryDirect',
      after: {
        headStart: { guard: 'relayAllowed', target: 'relayed.probing' },
        directOpening: { ...noRoute },
      },
      on: {
        'call.quiet': 'severed',
        'direct.proved': { guard: 'isOwnGeneration', target: 'direct' },
        'direct.failed': [
          { guard: 'isOwnAndDirectOnly', ...noRoute },
          { guard: 'isOwnGeneration', target: 'relayed.resting', actions: 'directFailed' },
        ],
        'direct.unavailable': [
          { guard: 'isOwnAndDirectOnly', ...noRoute },
          { guard: 'isOwnGeneration', target: 'relayed.off', actions: 'directUnavailable' },
        ],
      },
    },
    relayed: {
      initial: 'resting',
      always: { guard: 'directOnly', target: 'racing' },
      on: {
        'call.quiet': 'severed',
        'direct.proved': { guard: 'isOwnGeneration', target: 'direct' },
      },
      states: {
        /** A direct attempt is under way. */
        probing: {
          after: { directOpeningRest: { target: 'resting', actions: ['leaveDirect', 'directFailed'] } },
          on: {
            'direct.open': { guard: 'isOwnGeneration', target: 'verifying' },
            'direct.failed': { guard: 'isOwnGeneration', target: 'resting', actions: 'directFailed' },
            'direct.unavailable': { guard: 'isOwnGeneration', target: 'off', actions: 'directUnavailable' },
          },
        },
        /** It opened; probes go both ways before voice moves. */
        verifying: {
          after: { directProving: { target: 'resting', actions: ['leaveDirect', 'directFailed'] } },
          on: { 'direct.failed': { guard: 'isOwnGeneration', target: 'resting', actions: 'directFailed' } },
        },
        resting: {
          always: { guard: 'directIsOff', target: 'off' },
          after: { directRetry: { target: 'probing', actions: 'tryDirect' } },
          on: { 'address.changed': { target: 'probing', actions: 'tryDirect' } },
        },
        /** Never again in this call: not wanted, or this machine can't. */
        off: {},
      },
    },
    direct: {
      initial: 'trusted',
      entry: 'directWorks',
      always: { guard: 'relayOnly', target: 'relayed.off', actions: 'leaveDirect' },
      on: {
        'call.quiet': { target: 'severed', actions: 'leaveDirect' },
        'direct.failed': { guard: 'isOwnGeneration', target: 'relayed.resting', actions: 'directFailed' },
      },
      states: {
        trusted: {
          after: { doubt: 'doubtful' },
          on: { 'peer.heard': { guard: onDirect, target: 'trusted', reenter: true } },
        },
        doubtful: {
          after: { doubtful: { target: '#route.relayed.resting', actions: ['leaveDirect', 'directFailed'] } },
          on: { 'peer.heard': { guard: onDirect, target: 'trusted' } },
        },
      },
    },
    /** Nothing is heard on any route; a second socket is on its way (signaling-region.ts). */
    severed: {
      entry: 'raiseSevered',
      after: { stillSevered: { target: 'severed', reenter: true } },
      on: {
        'peer.heard': { guard: onRelay, target: 'relayed' },
        'direct.proved': { guard: 'isOwnGeneration', target: 'direct' },
      },
    },
  },
  id: 'route',
})
