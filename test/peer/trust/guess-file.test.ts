import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { GuessFile } from '../../../peer/trust/guess-file.js'

t.test('counts on from program to program, and writes before it allows', async t => {
  const folder = join(t.testdir(), 'voicechat')
  const path = join(folder, 'guesses.json')
  for (let n = 1; n <= 10; n++) {
    t.match(new GuessFile(folder, () => n).begin('guess', 'ABC', 'XYZ'), { allowed: true })
    t.equal(JSON.parse(readFileSync(path, 'utf8')).counted.length, n)
  }
  t.same(new GuessFile(folder, () => 11).begin('guess', 'abc', 'xyz'), { allowed: false, retryAt: 3_600_001 })
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(readdirSync(folder), ['guesses.json'])
})

t.test('takes a right one back, also after others came', async t => {
  const folder = t.testdir()
  const [mine, theirs] = [new GuessFile(folder, () => 2), new GuessFile(folder, () => 1)]
  const right = mine.begin('guess', 'ABC', 'XYZ')
  // With a clock that was set back: that is no reason to keep what was right.
  theirs.begin('guess', 'ABC', 'XYZ')
  if (!right.allowed) throw new Error('refused')
  right.settle()
  t.same(mine.list(), [{ kind: 'guess', own: 'abc', peer: 'xyz', at: 1 }])
  t.equal(theirs.list().length, 1)
})

t.test('is unlocked for one on the other side, with all ids of its own', async t => {
  const file = new GuessFile(t.testdir(), () => 5)
  for (const [own, peer] of [
    ['ABC', 'XYZ'],
    ['DEF', 'xyz'],
    ['ABC', 'other'],
  ] as const)
    file.begin('guess', own, peer)
  t.equal(file.unlock('nobody'), 0)
  t.equal(file.unlock('XYZ'), 2)
  t.same(
    file.list().map(({ peer }) => peer),
    ['other'],
  )
})

t.test('never goes on uncounted', async t => {
  const folder = t.testdir({ 'guesses.json': '{"version":1,"counted":[{"kind":"guess"' })
  const file = new GuessFile(folder, () => 5)
  const problem = { name: 'damagedState', hint: /move it away/ }
  t.throws(() => file.begin('guess', 'ABC', 'XYZ'), problem)
  t.throws(() => file.list(), problem)
  for (const counted of [
    '[{"kind":"guess","own":"ABC","peer":"xyz","at":1}]',
    '[{}]',
    '[{"kind":"x","own":"a","peer":"b","at":1}]',
  ]) {
    writeFileSync(join(folder, 'guesses.json'), `{"version":1,"counted":${counted}}`)
    t.throws(() => file.begin('attempt', 'ABC', 'XYZ'), problem, counted)
  }
})
