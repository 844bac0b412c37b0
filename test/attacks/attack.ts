import t, { type Test } from 'tap'
import { attackOf, ONLY } from './list.js'

const only = process.env[ONLY]?.split(',').map(Number)

/**
 * The test of an attack, from the attacker's seat; an attack may have several. What an attack would gain is asserted not to be had:
 * where the defence is taken away (defences.ts), an assertion fails.
 */
export function attack(number: number, how: string, run: (t: Test) => Promise<unknown>): void {
  if (only && !only.includes(number)) return
  t.test(`${number} ${attackOf(number).name}: ${how}`, run)
}
