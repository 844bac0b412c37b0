/**
 * npm run attacks [-- NUMBER...]: takes each defence away and says whether the test of its attack fails. Writes test/attacks/README.md when
 * all do. Exit code 1: one is not missed, or does not fit the code any more.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defences } from './defences.js'
import { attackOf } from './list.js'
import { withoutDefence } from './removal.js'
import { file, readme } from './table.js'

const numbers = process.argv.slice(2).map(Number)
const chosen = numbers.length > 0 ? defences.filter(({ attack }) => numbers.includes(attack)) : defences
const waiting = [...chosen]
let unnoticed = 0

async function work(): Promise<void> {
  for (let one = waiting.shift(); one; one = waiting.shift()) {
    const noticed = await withoutDefence(one)
    if (noticed !== 'yes') unnoticed++
    const result = typeof noticed === 'string' ? noticed : `nothing told: ${noticed.why}`
    console.log(`${one.attack} ${attackOf(one.attack).name} | without: ${one.words} | its test fails: ${result}`)
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work))
console.log(`${chosen.length - unnoticed} of ${chosen.length} defences were missed when they were gone`)
if (unnoticed > 0) process.exitCode = 1
else if (chosen === defences) writeFileSync(file, readme())
