import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { placesOf } from '../broken-build.js'
import { defences } from './defences.js'
import { attacks, testOf } from './list.js'
import { file, readme } from './table.js'

t.test('the list of attacks is that of the last run', async t => {
  t.ok(readFileSync(file, 'utf8') === readme(), 'test/attacks/README.md is stale: write it anew, npm run attacks')
})

t.test('each attack has a test, and a defence that is taken away', async t => {
  t.equal(attacks.length, 40)
  for (const attack of attacks) {
    const path = fileURLToPath(new URL(`../../${testOf(attack)}.js`, import.meta.url))
    t.match(readFileSync(path, 'utf8'), `attack(${attack.number}, `, `${attack.number} ${attack.name}`)
    t.ok(
      defences.some(defence => defence.attack === attack.number),
      `${attack.number} has a defence`,
    )
  }
})

t.test('each defence stands in the code, once', async t => {
  for (const { attack, words, changes } of defences)
    for (const { file, from } of changes) t.equal(placesOf(file, from), 1, `${attack}: ${words}, in ${file}`)
})
