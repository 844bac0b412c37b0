import type { Test } from 'tap'
import { type Crowding, describeCrowding, watchCrowding } from './crowding.js'

/** How a call went: what is worth printing, and what is wrong with it, a sentence each. */
export interface Outcome {
  readonly notes: readonly string[]
  readonly faults: readonly string[]
  /** How this machine was while they talked. */
  readonly crowding: Crowding
}

const ATTEMPTS = 3
/** A machine that runs what is due so late can't play voice in real time, ms. */
export const LATE_MS = 30
/** Where both programs of a call together wait so much for a processor, no call is good: 2 beside four busy programs, 0.3 to 0.8 beside two that give way. */
const TOO_CROWDED = 1.2
/** Before another attempt it gets so long to calm down, ms; calm is a second without such lateness. */
const CALM_WITHIN_MS = 30_000

/**
 * For what depends on how fast this machine is: a call that is not good is tried again, but only if the machine itself was late while
 * they talked. One that was too crowded each time is not judged, which is printed. What must hold on any machine is for `run` to
 * assert at once.
 */
export async function steadily(t: Test, run: (t: Test) => Promise<Outcome>): Promise<void> {
  let crowded = true
  for (let attempt = 1; ; attempt++) {
    let outcome: Outcome | undefined
    await t.test(attempt === 1 ? 'the call' : `the call, attempt ${attempt}`, async t => {
      outcome = await run(t)
    })
    if (!outcome) return
    const { notes, faults, crowding } = outcome
    for (const note of notes) t.comment(note)
    const late = describeCrowding(crowding)
    t.comment(late)
    crowded &&= crowding.waited > TOO_CROWDED
    const last = faults.length === 0 || crowding.lateMs < LATE_MS || attempt === ATTEMPTS
    if (last && crowded && faults.length > 0) {
      t.pass('nothing is wrong with what was heard', { skip: `${late}: ${faults.join('; ')}` })
      return
    }
    if (last) {
      t.same(faults, [], 'nothing is wrong with what was heard')
      return
    }
    t.comment(`again, because ${late}: ${faults.join('; ')}`)
    await calm()
  }
}

async function calm(): Promise<void> {
  for (const until = Date.now() + CALM_WITHIN_MS; Date.now() < until; ) {
    const watch = watchCrowding()
    await new Promise(resolve => setTimeout(resolve, 1000))
    if (watch.stop().lateMs < LATE_MS) return
  }
}
