import t from 'tap'
import { HeardBack } from '../../../peer/echo/heard-back.js'
import { EXIT } from '../../../peer/terminal/exit-codes.js'
import { levelsLine, testCallSentences } from '../../../peer/terminal/test-call-sentences.js'

/** Levels each 50 ms: `[in, out]`. */
function judged(levels: readonly (readonly [number, number])[]) {
  const heard = new HeardBack()
  for (const [n, [levelIn, levelOut]] of levels.entries()) heard.note(n * 50, levelIn, levelOut)
  return { verdict: heard.verdict, ...heard.figures }
}
const times = (count: number, levelIn: number, levelOut: number) =>
  Array.from({ length: count }, () => [levelIn, levelOut] as const)

t.test('tells what came back from what did not', async t => {
  const back = judged([...times(10, -100, -100), ...times(22, -20, -100), ...times(5, -100, -24)])
  t.same(back, { verdict: 'heardBack', saidDb: -20, backDb: -24, delayMs: 1100 })
  t.equal(judged(times(40, -20, -100)).verdict, 'notHeardBack')
  t.equal(judged(times(40, -100, -100)).verdict, 'nothingSaid')
  t.equal(judged(times(40, -75, -80)).verdict, 'nothingSaid', 'a quiet room')
  t.equal(judged([]).verdict, 'nothingSaid')
})

t.test('what was heard before anything was said is no echo', async t => {
  t.equal(judged([...times(10, -100, -20), ...times(20, -20, -100)]).verdict, 'notHeardBack')
})

t.test('says it in sentences, each with what to do and a code', async t => {
  const figures = { saidDb: -20, backDb: -24, delayMs: 1100, route: 'relay', rttMs: 12, lossPct: 0.5 } as const
  const good = testCallSentences('heardBack', figures)
  t.match(good.message, /came back 1\.10 s later .*over the relay, round trip 12 ms, loss 0\.5 %\.$/)
  t.equal(good.exitCode, EXIT.ok)
  const silent = testCallSentences('nothingSaid', { ...figures, saidDb: -100, backDb: -100, delayMs: null })
  t.match(silent.message, /silence/)
  t.match(silent.hint, /--mic/)
  t.equal(silent.exitCode, EXIT.device)
  t.equal(testCallSentences('notHeardBack', { ...figures, delayMs: null }).exitCode, EXIT.vanished)
})

t.test('shows both levels in any width', async t => {
  t.equal(levelsLine(-60, 0, 2_300, 80), 'you [          ]  echo [##########]  3 s  [q] end')
  t.equal(levelsLine(-100, -30, -5, 80), 'you [          ]  echo [#####     ]  0 s  [q] end')
  t.equal(levelsLine(-60, 0, 2_300, 20).length, 19)
  t.equal(levelsLine(-60, 0, 2_300, 0), '')
})
