import type { Test } from 'tap'
import { watchLateness } from './lateness.js'

/** How a call went: what is worth printing, and what is wrong with it, a sentence each. */
export interface Outcome {
  readonly notes: readonly string[]
  readonly faults: readonly string[]
  /** How late this machine was while they talked, ms. */
  readonly lateMs: number
}

const ATTEMPTS = 3
/** A machine that runs what is due so late can't play voice in real time, ms. */
const LATE_MS = 30
/** Before another attempt it gets so long to calm down, ms; calm is a second without such lateness. */
const CALM_WITHIN_MS = 15_000

/**
 * For what depends on how fast this machine is: a call that is not good is tried again, but only if the machine itself was late while
 * they talked. What must hold on any machine is for `run` to assert at once.
 */
export async function steadily(t: Test, run: (t: Test) => Promise<Outcome>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    let outcome: Outcome | undefined
    await t.test(attempt === 1 ? 'the call' : `the call, attempt ${attempt}`, async t => {
      outcome = await run(t)
    })
    if (!outcome) return
    const { notes, faults, lateMs } = outcome
    for (const note of notes) t.comment(note)
    const late = `this machine was up to ${lateMs.toFixed(0)} ms late`
    t.comment(late)
    if (faults.length === 0 || lateMs < LATE_MS || attempt === ATTEMPTS) {
      t.same(faults, [], 'nothing is wrong with what was heard')
      return
    }
    t.comment(`again, because ${late}: ${faults.join('; ')}`)
    await calm()
  }
}

async function calm(): Promise<void> {
  for (const until = Date.now() + CALM_WITHIN_MS; Date.now() < until; ) {
    const watch = watchLateness()
    await new Promise(resolve => setTimeout(resolve, 1000))
    if (watch.stop() < LATE_MS) return
  }
}
