/** A call that can connect does connect, and comes back after each trouble, by a time that follows from the statechart's. */
import { TIMINGS } from '../../peer/call/timings.js'
import type { Call, Invariant } from './invariants.js'
import { isRunning, type Program, talksWell } from './play-program.js'
import { cannotAgree } from './scenario.js'

/**
 * After the last trouble, ms: the longest pause between two looks for the server and an attempt that hangs once more, a stream's
 * longest retransmission pause, the key agreement, and the first packets over the worst path.
 */
export const CONNECTED_BY =
  Math.max(...TIMINGS.backoff) * 1.2 + TIMINGS.hello + 10_000 + TIMINGS.agreeing + TIMINGS.firstHeard + 5_000

export const connects: Invariant = {
  name: 'connects',
  watch: (call, broken) => {
    let talkedAt = 0
    return {
      look() {
        const { troubles, programs, now } = call
        if (talk(call)) talkedAt = now()
        const since = Math.max(talkedAt, troubles.lastEnd, ...programs.map(({ startedAt }) => startedAt))
        if (now() - since >= CONNECTED_BY && isDue(call))
          broken(`${CONNECTED_BY} ms after the last trouble they do not talk: ${standing(call)}`)
      },
    }
  },
}

/** The callers that run now; null: one of them is gone, or not there yet. */
export function callers({ programs }: Pick<Call, 'programs'>): readonly [Program, Program] | null {
  const last = (id: string) => programs.findLast(program => program.id === id && program.role === 'caller')
  const [abc, xyz] = [last('ABC'), last('XYZ')]
  return isRunning(abc) && isRunning(xyz) ? [abc, xyz] : null
}

export function talk(call: Pick<Call, 'programs'>): boolean {
  return callers(call)?.every(talksWell) ?? false
}

/** Whether nothing that is not the network's fault keeps the two from talking. */
export function isDue(call: Call): boolean {
  const { people } = call.scenario
  const { ABC, XYZ } = people
  if (cannotAgree(call.scenario) || !callers(call)) return false
  // A second program with the same key takes its place, or makes the server refuse the first.
  if (call.troubles.had('second')) return false
  const wishes = [ABC.route, XYZ.route]
  // Direct alone is given up at the first failure; whether that was right is for the agreed end.
  return !wishes.includes('direct')
}

export function standing(call: Call): string {
  return call.programs
    .filter(isRunning)
    .map(({ name, person: { peer } }) => {
      const { state, route, silent, reconnecting } = peer.view
      return `${name} is ${state}, route ${route}${silent ? ', silent' : ''}${reconnecting ? ', reconnecting' : ''}`
    })
    .join('; ')
}
