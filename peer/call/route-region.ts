/**
 * Which way the voice goes while two people talk. The direct route is tried first, proved before it is trusted,
 * doubted as soon as it goes quiet, and left when it stays so; the relay stays bound all the time. A quiet moment of the whole call
 * (liveness in talking.ts) changes nothing here: attempts and pauses go on, or a relay that stalls now and then would stop them all.
 * News of an older direct attempt is ignored everywhere: each handler is guarded by its generation.
 */
import { callSetup } from './setup.js'

const noRoute = {
  target: '#ending',
  actions: { type: 'end', params: { reason: 'noRoute' } },
} as const

/** The server relays no more, and the direct route that might go on is not there. */
const endsUsedUp = { guard: 'isUsedUp', target: '#ending', actions: 'endUsedUp' } as const

const onDirect = ({ event }: { event: { route: string } }) => event.route === 'direct'

/** An attempt of the other side that is newer than ours takes its place. */
const joins = {
  guard: 'isNewGeneration',
  target: '#route.relayed.probing',
  reenter: true,
  actions: 'joinDirect',
} as const
const triesAnew = { target: '#route.relayed.probing', reenter: true, actions: 'tryDirect' } as const
const leavesForRelay = { guard: 'relayOnly', target: '#route.relayed.off', actions: 'leaveDirect' } as const

export const routeRegion = callSetup.createStateConfig({
  id: 'route',
  initial: 'choosing',
  always: { guard: 'contradict', ...noRoute },
  states: {
    /** Who wants the relay alone never shows an address: no attempt is begun. */
    choosing: { always: [{ guard: 'relayOnly', target: 'relayed.off' }, { target: 'racing' }] },
    /** No voice yet: the other side's first status says whether it allows the relay. */
    racing: {
      always: [leavesForRelay, { guard: 'bothAllowRelay', target: 'relayed.probing' }],
      entry: 'tryDirect',
      after: {
        /** Who is not heard at all is no matter of routes. */
        directOpening: [{ guard: 'nothingHeard', target: 'racing', reenter: true }, noRoute],
      },
      on: {
        'direct.called': { guard: 'isNewGeneration', target: '.trying', actions: 'joinDirect' },
        'direct.proved': { guard: 'isOwnGeneration', target: 'direct' },
        // Where direct alone is wanted it has all of directOpening, in as many attempts as that takes.
        'direct.failed': [
          { guard: 'isOwnAndRelayAllowed', target: 'relayed.resting', actions: 'directFailed' },
          { guard: 'isOwnGeneration', target: '.pausing' },
        ],
        'direct.unavailable': [
          { guard: 'isOwnAndDirectOnly', ...noRoute },
          { guard: 'isOwnGeneration', target: 'relayed.off', actions: 'directUnavailable' },
        ],
        'address.changed': { target: '.trying', actions: 'tryDirect' },
      },
      initial: 'trying',
      states: {
        trying: {},
        pausing: { after: { raceAgain: { target: 'trying', actions: 'tryDirect' } } },
      },
    },
    relayed: {
      initial: 'resting',
      on: {
        'direct.called': joins,
        'direct.proved': { guard: 'isOwnGeneration', target: 'direct' },
      },
      states: {
        /** A direct attempt is under way. */
        probing: {
          always: leavesForRelay,
          after: { directOpening: { target: 'resting', actions: ['leaveDirect', 'directFailed'] } },
          on: {
            'direct.open': { guard: 'isOwnGeneration', target: 'verifying' },
            'direct.failed': { guard: 'isOwnGeneration', target: 'resting', actions: 'directFailed' },
            'direct.unavailable': { guard: 'isOwnGeneration', target: 'off', actions: 'directUnavailable' },
            'address.changed': triesAnew,
          },
        },
        /** It opened; probes go both ways before voice moves. */
        verifying: {
          always: leavesForRelay,
          after: { directProving: { target: 'resting', actions: ['leaveDirect', 'directFailed'] } },
          on: {
            'direct.failed': { guard: 'isOwnGeneration', target: 'resting', actions: 'directFailed' },
            'address.changed': triesAnew,
          },
        },
        resting: {
          always: [
            endsUsedUp,
            { guard: 'directOnly', target: '#route.racing' },
            { guard: 'directIsOff', target: 'off' },
            { guard: 'addressIsNew', ...triesAnew },
          ],
          after: { directRetry: triesAnew },
          on: {
            'address.changed': triesAnew,
            /** The server is back, and with it the way to negotiate. */
            'server.matched': { guard: 'isResumed', ...triesAnew },
          },
        },
        /** Never again in this call: not wanted, or this machine can't. */
        off: { always: endsUsedUp, on: { 'direct.called': { actions: 'declineDirect' } } },
      },
    },
    direct: {
      initial: 'trusted',
      /** One that falls again and again is tried more and more rarely. */
      after: { directStable: { actions: 'directLasts' } },
      always: leavesForRelay,
      on: {
        'direct.called': joins,
        'direct.failed': { guard: 'isOwnGeneration', target: 'relayed.resting', actions: 'directFailed' },
        /** It may live on; if it does not, the next attempt need not wait. */
        'address.changed': { actions: 'noteAddress' },
      },
      states: {
        trusted: {
          after: { doubt: 'doubtful' },
          on: { 'peer.heard': { guard: onDirect, target: 'trusted', reenter: true } },
        },
        doubtful: {
          after: { doubtful: { target: '#route.relayed.resting', actions: ['leaveDirect', 'directFailed'] } },
          on: { 'peer.heard': { guard: onDirect, target: 'regaining' } },
        },
        /** One packet does not make it trusted again: what comes by fits and starts would have to be doubted anew each time. */
        regaining: {
          after: { regaining: 'trusted' },
          initial: 'heard',
          states: {
            heard: {
              after: { doubt: '#route.direct.doubtful' },
              on: { 'peer.heard': { guard: onDirect, target: 'heard', reenter: true } },
            },
          },
        },
      },
    },
  },
})
