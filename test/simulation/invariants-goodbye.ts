/** Who hangs up while both talk on a way that works is understood at once, whatever else is broken. */
import { endOf, type Fault } from './fault.js'
import type { Call, Invariant } from './invariants.js'
import { callers } from './invariants-connects.js'
import type { Program } from './play-program.js'

/** Three goodbyes and an answer on such paths, ms: sooner than a side ends that gets no answer. How long before it the way has worked. */
const HEARD_BY_MS = 1_700
const WORKED_MS = 3_000
/** Something leaves more often than that while two talk, ms. */
const SILENCE_MS = 100

export const goodbye: Invariant = {
  name: 'goodbye',
  watch: (call, broken) => {
    const due: { readonly from: Program; readonly to: Program; readonly at: number }[] = []
    /** From when to when both trusted the direct route, the last time. */
    let direct = { from: 0, to: Number.NEGATIVE_INFINITY }
    return {
      wire() {
        if (!callers(call)?.every(({ person }) => isDirect(person.views.at(-1)))) return
        const now = call.now()
        direct = { from: now - direct.to < SILENCE_MS ? direct.from : now, to: now }
      },
      ended(from) {
        const { hungUpAt } = from
        if (from.role !== 'caller' || from.end?.reason !== 'hungUp' || hungUpAt === null) return
        // The other may have begun its next call already.
        const to = call.programs.findLast(
          ({ id, role, startedAt }) => id !== from.id && role === 'caller' && startedAt < hungUpAt,
        )
        if (!to) return
        if (hungUpAt - direct.to < SILENCE_MS && hungUpAt - direct.from >= WORKED_MS)
          due.push({ from, to, at: hungUpAt })
      },
      check() {
        for (const { from, to, at } of due) {
          if (to.killed || !pathsWork(call, at - WORKED_MS, at + HEARD_BY_MS)) continue
          const reason = to.end?.reason
          if ((to.endedAt ?? Infinity) - at > HEARD_BY_MS || (reason !== 'peerHungUp' && reason !== 'hungUp'))
            broken(
              `${from.name} hung up, and ${to.name} ended ${late(to, at)} ms later as ${reason}, though both talked directly`,
            )
        }
      },
    }
  },
}

function late({ endedAt }: Program, at: number): number {
  return Math.round((endedAt ?? Number.POSITIVE_INFINITY) - at)
}

function isDirect(
  view: { readonly state: string; readonly route: string | null; readonly silent: boolean } | undefined,
): boolean {
  return view?.state === 'talking' && view.route === 'direct' && !view.silent
}

/** Whether nothing befell the direct way in this time, and its paths lose little. */
function pathsWork({ scenario: { faults, people } }: Call, from: number, to: number): boolean {
  const clean = [people.ABC, people.XYZ].every(
    ({ access: { loss = 0, burstShare = 0, rateKbps, delayMs = 0 } }) =>
      loss <= 0.01 && burstShare === 0 && rateKbps === undefined && delayMs <= 100,
  )
  return clean && !faults.some(fault => touchesDirect(fault) && fault.at < to && endOf(fault) > from - WORKED_MS)
}

function touchesDirect(fault: Fault): boolean {
  if (fault.kind === 'partition') return fault.between === 'ABC-XYZ' || fault.between === 'all'
  return ['move', 'worse', 'stop', 'sleep', 'nat', 'directDies', 'directWorse', 'second'].includes(fault.kind)
}
