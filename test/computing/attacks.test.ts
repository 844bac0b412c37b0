/** Each defence is missed by the test of its attack when it is taken away (test/attacks/README.md). */
import t from 'tap'
import { defences } from '../attacks/defences.js'
import { attackOf } from '../attacks/list.js'
import { withoutDefence } from '../attacks/removal.js'

t.setTimeout(1_500_000)
t.jobs = 2

for (const defence of defences) {
  const { attack, words } = defence
  t.test(`${attack} ${attackOf(attack).name}, without: ${words}`, { timeout: 600_000 }, async t => {
    t.equal(await withoutDefence(defence), 'yes', 'its test fails')
  })
}
