/** Every message of a call lost, doubled, late by 0.3 and by 3 s, and overtaken by each other one that is under way: enumerated. */
import t from 'tap'
import { casesOf, problemOf } from '../simulation/messages-cases.js'

// At the lowest priority, beside tests that need the machine.
t.setTimeout(1_200_000)

for (const kind of ['lost', 'doubled', 'late', 'overtaken'] as const)
  t.test(`each message ${kind}`, async t => {
    const cases = await casesOf([kind])
    for (const one of cases) {
      const problem = await problemOf(one)
      if (problem) t.fail(`${one.words}: ${problem}`)
    }
    t.ok(cases.length >= 60, `${cases.length} cases`)
  })
