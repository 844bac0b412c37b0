/** simulate --seed N or --scenario JSON: one call, with all that happened where that is asked for. */
import { number } from './campaign-summary.js'
import type { Outcome } from './outcome.js'
import { play } from './play.js'
import { type Scenario, scenarioLines, writeScenario } from './scenario.js'

const BROKEN = 1

/** Prints the call. Returns the exit code. */
export async function simulateOne(scenario: Scenario, trace: boolean): Promise<number> {
  const outcome = await play(scenario, { trace })
  const lines = [...scenarioLines(scenario), ...(outcome.trace ?? []), ...outcomeLines(outcome)]
  process.stdout.write(`${lines.join('\n')}\n`)
  return outcome.violations.length > 0 ? BROKEN : 0
}

/** How to play it again. Neither JSON of a scenario nor a seed holds an apostrophe. */
export function commandFor(scenario: Scenario): string {
  return `npm run simulate -- --scenario '${writeScenario(scenario)}' --trace`
}

function outcomeLines({ ends, connected, gaps, violations, hash, ...figures }: Outcome): string[] {
  return [
    `${connected ? 'They talked' : 'They never talked'}. ABC: ${ends.ABC}. XYZ: ${ends.XYZ}.`,
    `${number(figures.virtualMs)} virtual ms, ${figures.routeChanges} route changes, ${figures.keyRotations} key rotations.`,
    ...gaps.map(
      ({ id, at, ms, inPeace, after }) =>
        `${id} heard nothing for ${number(ms)} ms from ${number(at)} ms${inPeace ? ', with no fault' : after ? `, after ${after}` : ''}.`,
    ),
    ...violations.map(({ invariant, at, words }) => `${invariant} is broken at ${number(at)} ms: ${words}`),
    `hash ${hash}`,
  ]
}
