/** How calls may end: each program for a reason that was there, and both sides and the server in agreement. */
import type { EndReason } from '../../peer/call/events.js'
import type { Call, Invariant } from './invariants.js'
import type { Program } from './play-program.js'
import { cannotAgree, type Scenario } from './scenario.js'

/** A lost side or server is waited for at most so long, ms; what is to blame for the end lies within it. */
const LOST_AFTER = 75_000

/** For each reason: was something there that makes it true? `others`: programs of the other side that had begun. */
const CAUSES: { readonly [R in EndReason]: (program: Program, call: Call, others: readonly Program[]) => boolean } = {
  hungUp: (program, { scenario: { ending } }) =>
    program.hungUpAt !== null || (ending.kind === 'limit' && ending.who === program.id),
  peerHungUp: (program, _, others) =>
    others.some(other => (other.hungUpAt ?? other.endedAt ?? Infinity) <= endOf(program)),
  // Nobody in this world is in a call with a third one.
  busy: () => false,
  // An earlier one that has ended is online as long as its stream, which has stalled, brings signs of life.
  refused: (program, call) =>
    call.programs.some(
      other => other.id === program.id && (other.role === 'second' || other.startedAt < program.startedAt),
    ) &&
    (program.role === 'second' || call.troubles.had('second') || troubled(program, call)),
  unverified: (program, call) => cannotAgree(call.scenario) || troubled(program, call),
  vanished: (program, call, others) => troubled(program, call) || others.some(({ endedAt }) => endedAt !== null),
  nobodyCame: ({ id }, { scenario: { ending } }) => ending.kind === 'alone' && ending.who === id,
  serverLost: (program, call) => troubled(program, call),
  deviceLost: () => false,
  // A direct route alone is not looked for again, so what is to blame may be long over: another kind of NAT, say.
  noRoute: (_, { scenario, troubles }) =>
    !canRoute(scenario) || (wishes(scenario).includes('direct') && (troubles.all.length > 0 || !isBearable(scenario))),
}

/** Whether there is a way that both wish: the relay, or a direct one that their machines and NATs allow. */
function canRoute(scenario: Scenario): boolean {
  if (!wishes(scenario).includes('direct')) return true
  const { ABC, XYZ } = scenario.people
  const nats = [ABC.nat, XYZ.nat]
  if (wishes(scenario).includes('relay') || !ABC.engine || !XYZ.engine || nats.includes('udpBlocked')) return false
  return !nats.includes('symmetric') || nats.includes('open')
}

function wishes({ people }: Scenario): readonly string[] {
  return [people.ABC.route, people.XYZ.route]
}

/** No program ends for a reason that was not there. */
export const ownReason: Invariant = {
  name: 'ownReason',
  watch: (call, broken) => ({
    ended(program) {
      const { end, id, name } = program
      if (!end) return
      const others = call.programs.filter(other => other.id !== id)
      // One that ends by its limit of talking is over for the other a moment before it is here.
      const byLimit =
        end.reason === 'peerHungUp' && call.scenario.ending.kind === 'limit' && call.scenario.ending.who !== id
      if (!byLimit && !CAUSES[end.reason](program, call, others))
        broken(`${name} ended as ${end.reason}${end.detail ? ` (${end.detail})` : ''}, and there was no cause for it`)
    },
  }),
}

/** Pairs in which a call may end that is ended by its people, with nothing wrong. */
const IN_PEACE: ReadonlySet<string> = new Set([
  'hungUp peerHungUp',
  'peerHungUp hungUp',
  'hungUp hungUp',
  // One was killed: the other finds out by itself, or from the server when it comes to look.
  'killed vanished',
  'vanished killed',
])
/** Pairs of a call that never was one. */
const WITHOUT_KEYS: ReadonlySet<string> = new Set(['unverified unverified'])
const WITHOUT_ROUTE: ReadonlySet<string> = new Set(['noRoute noRoute'])
/** What two sides never tell each other, whatever goes wrong. */
const NEVER: ReadonlySet<string> = new Set([
  // Each says that it was the other.
  'peerHungUp peerHungUp',
  'nobodyCame nobodyCame',
])
/** What the server says of a call that its people ended. */
const SERVER_IN_PEACE: ReadonlyMap<string, readonly string[]> = new Map([
  ['hungUp peerHungUp', ['hungUp']],
  ['peerHungUp hungUp', ['hungUp']],
  ['hungUp hungUp', ['hungUp']],
  // Who waits for the other looks for the server by another socket, and for a moment neither is there.
  ['killed vanished', ['vanished', 'bothAway']],
  ['vanished killed', ['vanished', 'bothAway']],
  ['unverified unverified', ['unverified']],
  ['noRoute noRoute', ['noRoute']],
])

/** And what else where it lost both sides before, while they went on without it. */
const SERVER_AFTER_TROUBLE = ['bothAway', 'vanished']

/** Both sides and the server agree how the call ended. */
export const agreedEnd: Invariant = {
  name: 'agreedEnd',
  watch: (call, broken) => {
    let server: string | null = null
    return {
      hub(event) {
        if (event.event === 'connected') server = null
        if (event.event === 'ended') server = event.why
      },
      check() {
        const [abc, xyz] = (['ABC', 'XYZ'] as const).map(id => lastOf(call, id))
        if (!abc || !xyz) return
        const pair = `${endWords(abc)} ${endWords(xyz)}`
        const told = `ABC ended as ${endWords(abc)}, XYZ as ${endWords(xyz)}, the server says ${server}`
        if (NEVER.has(pair)) return broken(`${told}: that never agrees`)
        const allowed = inPeace(call, abc, xyz)
        if (!allowed) return
        if (!allowed.has(pair)) return broken(`${told}, with nothing wrong`)
        // Who hung up before there was a call ended none.
        const whys = [
          ...(SERVER_IN_PEACE.get(pair) ?? []),
          ...(call.troubles.all.length > 0 ? SERVER_AFTER_TROUBLE : []),
        ]
        if (server !== null && !whys.includes(server)) broken(`${told}, with nothing wrong`)
      },
    }
  },
}

/** Every program ends: soon after it was told to, and soon after the other side did. */
export const allEnd: Invariant = {
  name: 'allEnd',
  watch: (call, broken) => ({
    check() {
      for (const program of call.programs) {
        if (program.endedAt === null) broken(`${program.name} does not end when it is hung up`)
        // A limit of talking counts from the last time that keys were agreed.
        else if (program.leftIn && call.scenario.ending.kind !== 'limit')
          broken(`${program.name} was still ${program.leftIn} long after the call had ended`)
      }
    },
  }),
}

/** Whether the two accesses carry a call, even if not well. */
function isBearable({ people: { ABC, XYZ } }: Scenario): boolean {
  return [ABC, XYZ].every(({ access: { loss = 0, burstShare = 0, burstLength = 1, delayMs = 0, rateKbps } }) => {
    return loss + burstShare * burstLength <= 0.05 && delayMs <= 200 && rateKbps === undefined
  })
}

/** The pairs that are allowed, where nothing was wrong; null: something was. */
function inPeace(call: Call, abc: Program, xyz: Program): ReadonlySet<string> | null {
  const { troubles, ending, scenario } = call
  if (!isBearable(scenario)) return null
  if (ending?.calm) return IN_PEACE
  if (troubles.all.length > 0) return null
  // Who hangs up before it is found out says so.
  if (abc.hungUpAt !== null || xyz.hungUpAt !== null) return null
  if (cannotAgree(scenario)) return WITHOUT_KEYS
  if (wishes(scenario).includes('direct') && wishes(scenario).includes('relay')) return WITHOUT_ROUTE
  return null
}

function troubled(program: Program, { troubles, scenario }: Call): boolean {
  if (!isBearable(scenario)) return true
  return troubles.within(endOf(program) - LOST_AFTER, endOf(program))
}

function lastOf({ programs }: Call, id: string): Program | undefined {
  return programs.findLast(program => program.id === id && program.role === 'caller')
}

function endWords({ killed, end }: Program): string {
  return killed ? 'killed' : (end?.reason ?? 'never')
}

function endOf({ endedAt }: Program): number {
  return endedAt ?? Number.POSITIVE_INFINITY
}
