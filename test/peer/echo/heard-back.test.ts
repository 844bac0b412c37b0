import t from 'tap'
import { HeardBack } from '../../../peer/echo/heard-back.js'
import { echoCallSentences, levelsLine } from '../../../peer/terminal/echo-call-sentences.js'
import { EXIT } from '../../../peer/terminal/exit-codes.js'

/** Levels each 50 ms: `[in, out]`. */
function judged(levels: readonly (readonly [number, number])[]) {
  const heard = new HeardBack()
  for (const [n, [levelIn, levelOut]] of levels.entries()) heard.note(n * 50, levelIn, levelOut)
  return { verdict: heard.verdict, ...heard.figures }
}
const times = (count: number, levelIn: number, levelOut: number) =>
  Array.from({ length: count }, () => [levelIn, levelOut] as const)

t.test('tells what came back from what did not', async t => {
  t.match(judged([...times(10, -100, -100), ...times(22, -20, -100), ...times(5, -100, -24)]), {
    verdict: 'heardBack',
    saidDb: -20,
    backDb: -24,
  })
  t.equal(judged(times(40, -20, -100)).verdict, 'notHeardBack')
  t.equal(judged(times(40, -100, -100)).verdict, 'nothingSaid')
  t.equal(judged(times(40, -75, -80)).verdict, 'nothingSaid', 'a quiet room')
  t.equal(judged([]).verdict, 'nothingSaid')
})

/** A meter each 20 ms, of words that begin at these moments, ms: up at once, down slowly. */
function meterOf(words: readonly number[], forMs: number): number[] {
  let db = -100
  return Array.from({ length: forMs / 20 }, (_, n) => {
    db = words.some(at => n * 20 >= at && n * 20 < at + 200) ? -20 : Math.max(-100, db - 0.4)
    return db
  })
}

t.test('measures how much later, also where the first words were lost, and for a steady beat', async t => {
  const measure = (said: readonly number[], back: readonly number[]) => {
    const [levelIn, levelOut] = [meterOf(said, 8_000), meterOf(back, 8_000)]
    const heard = new HeardBack()
    for (const [n, db] of levelIn.entries()) heard.note(n * 20, db, levelOut[n]!)
    return heard.figures.delayMs
  }
  const words = [100, 700, 1_800, 2_500, 4_100, 4_900, 6_000]
  const later = (at: number) => at + 1_060
  t.equal(measure(words, words.map(later)), 1_060)
  t.equal(measure(words, words.slice(3).map(later)), 1_060)
  const beat = [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]
  t.equal(measure(beat, beat.slice(1).map(later)), 1_060)
  t.equal(measure(words, [3_333]), null, 'something else')
  t.equal(measure([], []), null)
})

t.test('what was heard before anything was said is no echo', async t => {
  t.equal(judged([...times(10, -100, -20), ...times(20, -20, -100)]).verdict, 'notHeardBack')
})

t.test('says it in sentences, each with what to do and a code', async t => {
  const figures = { saidDb: -20, backDb: -24, delayMs: 1100, route: 'relay', rttMs: 12, lossPct: 0.5 } as const
  const good = echoCallSentences('heardBack', figures)
  t.match(good.message, /came back 1\.1 s later .*over the relay, round trip 12 ms, loss 0\.5 %\.$/)
  t.equal(good.exitCode, EXIT.ok)
  const silent = echoCallSentences('nothingSaid', { ...figures, saidDb: -100, backDb: -100, delayMs: null })
  t.match(silent.message, /silence/)
  t.match(silent.hint, /--mic/)
  t.equal(silent.exitCode, EXIT.device)
  t.equal(echoCallSentences('notHeardBack', { ...figures, delayMs: null }).exitCode, EXIT.vanished)
})

t.test('shows both levels in any width', async t => {
  t.equal(levelsLine(-60, 0, 2_300, 80), 'you [          ]  echo [##########]  3 s  [q] end')
  t.equal(levelsLine(-100, -30, -5, 80), 'you [          ]  echo [#####     ]  0 s  [q] end')
  t.equal(levelsLine(-60, 0, 2_300, 20).length, 19)
  t.equal(levelsLine(-60, 0, 2_300, 0), '')
})
