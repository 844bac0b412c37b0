/** Each message of a call lost. test/system/messages.test.ts doubles each as well, brings it late, and lets each other one overtake it. */
import t from 'tap'
import { casesOf, problemOf } from './messages-cases.js'

t.setTimeout(120_000)

t.test('each message of a direct call lost', async t => {
  const cases = (await casesOf(['lost'])).filter(({ words }) => words.startsWith('a direct call'))
  for (const one of cases) {
    const problem = await problemOf(one)
    if (problem) t.fail(`${one.words}: ${problem}`)
  }
  t.ok(cases.length >= 45, `${cases.length} cases`)
})
