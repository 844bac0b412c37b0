import t, { type Test } from 'tap'
import { contacts } from '../../../peer/terminal/contacts.js'
import { ContactFile } from '../../../peer/trust/contact-file.js'
import { GuessFile } from '../../../peer/trust/guess-file.js'
import { fingerprintOf } from '../../../protocol/fingerprint.js'

const key = new Uint8Array(32).fill(7)
const SINCE = new Date(2026, 4, 3, 12).getTime()

function setUp(t: Test) {
  const folder = t.testdir()
  let said = ''
  const write = (text: string) => {
    said += text
  }
  const run = async (json: boolean, ...operands: string[]) => {
    said = ''
    t.equal(await contacts(json, operands, { write, folder, now: () => 9 }), 0)
    return said
  }
  return { folder, run, fails: (...operands: string[]) => contacts(false, operands, { write, folder, now: () => 9 }) }
}

t.test('lists who is known', async t => {
  const { folder, run } = setUp(t)
  t.match(await run(false), /^Nobody yet: /)
  t.equal(await run(true), '')
  const file = new ContactFile(folder, () => SINCE)
  file.pin('XYZ', key, 'code')
  file.pin('someone.else', key, 'password')
  t.same((await run(false)).split('\n'), [
    'ID            KNOWN SINCE  BY        FINGERPRINT',
    `someone.else  3 May 2026   password  ${fingerprintOf(key)}`,
    `XYZ           3 May 2026   code      ${fingerprintOf(key)}`,
    '',
  ])
  t.same(JSON.parse((await run(true, 'list')).split('\n')[1] ?? ''), {
    event: 'contact',
    t: 9,
    id: 'XYZ',
    fingerprint: fingerprintOf(key),
    since: SINCE,
    how: 'code',
  })
})

t.test('forgets one, and says who may have been meant', async t => {
  const { folder, run, fails } = setUp(t)
  new ContactFile(folder).pin('XYZ', key, 'code')
  await t.rejects(fails('forget', 'XYY'), { name: 'noSuchContact', message: /Did you mean "XYZ"/, exitCode: 2 })
  t.same(JSON.parse(await run(true, 'forget', 'xyz')), { event: 'forgotten', id: 'xyz', t: 9 })
  t.same(new ContactFile(folder).list(), [])
  await t.rejects(fails('forget', 'XYZ'), { name: 'noSuchContact' })
})

t.test('takes back what went wrong with one', async t => {
  const { folder, run } = setUp(t)
  const guesses = new GuessFile(folder, () => 8)
  for (let n = 0; n < 10; n++) guesses.begin('guess', 'ABC', 'XYZ')
  t.match(await run(false, 'unlock', 'XYY'), /^Nothing went wrong with "XYY".* Did you mean "xyz"\?\n$/)
  t.match(await run(false, 'unlock', 'XYZ'), /^Took back 10 tries/)
  t.match(guesses.begin('guess', 'ABC', 'XYZ'), { allowed: true })
  t.same(JSON.parse(await run(true, 'unlock', 'xyz')), { event: 'unlocked', id: 'xyz', count: 1, t: 9 })
})

t.test('says what it takes', async t => {
  const { fails } = setUp(t)
  await t.rejects(fails('forgett', 'XYZ'), { name: 'usage', message: /Did you mean "forget"/ })
  await t.rejects(fails('dance'), { name: 'usage', message: /It has list, forget, unlock/ })
  await t.rejects(fails('forget'), { name: 'usage', message: /forget takes an ID/ })
  await t.rejects(fails('list', 'XYZ'), { name: 'usage', message: /list takes nothing/ })
  await t.rejects(fails('unlock', 'X Z'), { name: 'badId' })
})
