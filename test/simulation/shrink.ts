/**
 * The smallest call that still breaks the same: delta debugging (Zeller and Hildebrandt, IEEE TSE 2002) on a scenario's faults, then
 * plainer people, rounder numbers. On the data itself, so that what is left reads as if a person had written it.
 */
import { endOf, type Fault } from './fault.js'
import { plainScenario, type Scenario, writeScenario } from './scenario.js'

export interface Shrunk {
  readonly scenario: Scenario
  /** Calls that were played on the way. */
  readonly runs: number
}

export interface ShrinkBudget {
  /** Calls that may be played, and their length in all, ms of virtual time. */
  readonly runs: number
  readonly virtualMs: number
}

/** Within which a failure is mostly found again; a long call counts for more. */
export const SHRINK_BUDGET: ShrinkBudget = { runs: 300, virtualMs: 3 * 3_600_000 }

/** `breaks`: whether a scenario still breaks what it should. The one given must. */
export async function shrink(
  scenario: Scenario,
  breaks: (scenario: Scenario) => Promise<boolean>,
  budget: ShrinkBudget = SHRINK_BUDGET,
): Promise<Shrunk> {
  let best = scenario
  let runs = 0
  let virtualMs = 0
  const left = () => runs < budget.runs && virtualMs < budget.virtualMs
  const better = async (candidate: Scenario) => {
    if (!left() || writeScenario(candidate) === writeScenario(best)) return false
    runs++
    virtualMs += candidate.lengthMs
    if (!(await breaks(candidate))) return false
    best = candidate
    return true
  }
  for (let before: Scenario | null = null; before !== best && left(); ) {
    before = best
    await shorter(() => best, better)
    await fewerFaults(() => best, better)
    for (let i = 0; i < STEPS.length; i++) {
      const step = STEPS[i]!
      const candidate = step(best)
      // A step that works may work again.
      if (candidate && (await better(candidate)) && i > 0) i--
    }
  }
  return { scenario: best, runs }
}

type Better = (candidate: Scenario) => Promise<boolean>
type Step = (scenario: Scenario) => Scenario | null

/** Ends the call sooner; faults that would come after go with it. */
async function shorter(best: () => Scenario, better: Better): Promise<void> {
  for (const lengthMs of [1_000, 3_000, 10_000, 30_000, 100_000, 300_000]) {
    if (lengthMs >= best().lengthMs) return
    if (await better({ ...best(), lengthMs, faults: best().faults.filter(({ at }) => at < lengthMs) })) return
  }
}

/** Leaves out all, halves, quarters ... single ones. */
async function fewerFaults(best: () => Scenario, better: Better): Promise<void> {
  for (let size = best().faults.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = best().faults.length - size; from >= 0; from -= size) {
      const { faults } = best()
      await better({ ...best(), faults: [...faults.slice(0, from), ...faults.slice(from + size)] })
    }
  }
}

/** Each makes one thing plainer, or has nothing to make plainer (null, or the same again). */
const STEPS: readonly Step[] = [
  scenario => ({ ...scenario, people: plainScenario(0).people }),
  ...(['password', 'changedKey', 'framesPerEpoch', 'ending', 'settles'] as const).map(
    (field): Step =>
      scenario => ({ ...scenario, [field]: plainScenario(0)[field] }),
  ),
  ...(['ABC', 'XYZ'] as const).flatMap(id =>
    (['access', 'nat', 'driftPpm', 'engine', 'route', 'startMs'] as const).map(
      (field): Step =>
        ({ people, ...rest }) => {
          const plain = plainScenario(0).people[id][field]
          return { ...rest, people: { ...people, [id]: { ...people[id], [field]: plain } } }
        },
    ),
  ),
  ...(['ABC', 'XYZ'] as const).flatMap(id =>
    (['burstShare', 'duplicates', 'jitterMs', 'loss', 'rateKbps', 'delayMs'] as const).map(
      (field): Step =>
        ({ people, ...rest }) => {
          const { [field]: _, ...access } = people[id].access
          return { ...rest, people: { ...people, [id]: { ...people[id], access } } }
        },
    ),
  ),
  // The last fault first: what it needs is mostly before it.
  ...Array.from({ length: 12 }, (_, i) => [
    onFault(i, fault => ('quality' in fault ? plainerQuality(fault) : null)),
    onFault(i, fault => ('forMs' in fault ? { ...fault, forMs: rounder(fault.forMs) } : null)),
    onFault(i, fault => ('afterMs' in fault ? { ...fault, afterMs: rounder(fault.afterMs) } : null)),
    onFault(i, fault => ({ ...fault, at: rounder(fault.at) })),
  ]).flat(),
  scenario => {
    const lengthMs = Math.max(1_000, ...scenario.faults.map(fault => endOf(fault) + 1_000))
    return lengthMs < scenario.lengthMs ? { ...scenario, lengthMs } : null
  },
]

function onFault(fromEnd: number, change: (fault: Fault) => Fault | null): Step {
  return scenario => {
    const at = scenario.faults.length - 1 - fromEnd
    const fault = scenario.faults[at]
    const changed = fault && change(fault)
    if (!changed) return null
    const faults = scenario.faults.with(at, changed).sort((a, b) => a.at - b.at)
    return { ...scenario, faults }
  }
}

/** Without the first of its qualities, as long as there is another. */
function plainerQuality(fault: Extract<Fault, { kind: 'worse' | 'directWorse' }>): Fault | null {
  const [, ...rest] = Object.entries(fault.quality)
  return rest.length > 0 ? { ...fault, quality: Object.fromEntries(rest) } : null
}

/** 13,578 becomes 14,000, and that stays: a number with one digit less that is not 0. */
function rounder(n: number): number {
  for (const unit of [1_000, 100, 10]) {
    const rounded = Math.round(n / unit) * unit
    if (rounded > 0) return rounded
  }
  return n
}
