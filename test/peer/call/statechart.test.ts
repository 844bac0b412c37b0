import { readFileSync } from 'node:fs'
import t from 'tap'
import { file, statechart } from './statechart.js'

t.test('the picture of the statechart is that of the machine', async t => {
  t.ok(
    readFileSync(file, 'utf8') === statechart(),
    'peer/call/STATECHART.md is stale: write it anew, npm run statechart',
  )
})
