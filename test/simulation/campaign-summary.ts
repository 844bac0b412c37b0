/** Many calls' outcomes in a few lines. Outcomes are added in order of their seeds, so the text does not depend on who played them. */
import { createHash } from 'node:crypto'
import { faultKinds } from './fault.js'
import type { Gap, Outcome, Violation } from './outcome.js'

const GAPS = 5
const FAILURES = 20

export interface Failure {
  readonly seed: number
  readonly violations: readonly Violation[]
}

type SeedGap = Gap & { readonly seed: number }

export class Summary {
  /** Seeds that broke something, in order. */
  readonly failures: Failure[] = []
  calls = 0
  virtualMs = 0
  #connected = 0
  #routeChanges = 0
  #keyRotations = 0
  readonly #faults = new Map<string, number>()
  readonly #ends = new Map<string, number>()
  #gaps: SeedGap[] = []
  #peacefulGaps: SeedGap[] = []
  readonly #hash = createHash('sha256')

  add(outcome: Outcome): void {
    const { seed, ends, faults, gaps, violations } = outcome
    this.calls++
    this.virtualMs += outcome.virtualMs
    if (outcome.connected) this.#connected++
    this.#routeChanges += outcome.routeChanges
    this.#keyRotations += outcome.keyRotations
    for (const [kind, times] of Object.entries(faults)) count(this.#faults, kind, times)
    count(this.#ends, [ends.ABC, ends.XYZ].sort().join(' + '), 1)
    this.#gaps = longest([...this.#gaps, ...gaps.map(gap => ({ ...gap, seed }))])
    this.#peacefulGaps = longest([
      ...this.#peacefulGaps,
      ...gaps.filter(gap => gap.inPeace).map(gap => ({ ...gap, seed })),
    ])
    if (violations.length > 0) this.failures.push({ seed, violations })
    this.#hash.update(outcome.hash)
  }

  get hours(): number {
    return this.virtualMs / 3_600_000
  }

  /** Lines of text. `seeds`: what was asked for, as it was written. */
  lines(seeds: string): string[] {
    const ends = [...this.#ends].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    const faults = faultKinds
      .filter(kind => this.#faults.has(kind))
      .map(kind => [kind, this.#faults.get(kind) ?? 0] as const)
    return [
      `seeds            ${seeds}`,
      `calls            ${number(this.calls)}, ${number(this.#connected)} of them connected`,
      `virtual time     ${this.hours.toFixed(2)} hours`,
      `route changes    ${number(this.#routeChanges)}`,
      `key rotations    ${number(this.#keyRotations)}`,
      `faults           ${faults.map(([kind, times]) => `${kind} ${number(times)}`).join(', ') || 'none'}`,
      `calls ended      ${ends.map(([pair, times]) => `${pair} ${number(times)}`).join(', ')}`,
      `longest gaps     ${gapWords(this.#gaps)}`,
      `with no fault    ${gapWords(this.#peacefulGaps)}`,
      `violations       ${this.#violationWords()}`,
      `hash             ${this.#hash.copy().digest('hex')}`,
    ]
  }

  #violationWords(): string {
    if (this.failures.length === 0) return '0'
    const byName = new Map<string, number>()
    for (const { violations } of this.failures) for (const { invariant } of violations) count(byName, invariant, 1)
    const names = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => `${name} ${number(times)}`)
    const seeds = this.failures.slice(0, FAILURES).map(({ seed }) => seed)
    const more = this.failures.length > FAILURES ? ` and ${number(this.failures.length - FAILURES)} more` : ''
    return `${names.join(', ')}; seeds ${seeds.join(' ')}${more}`
  }
}

function count(map: Map<string, number>, key: string, times: number): void {
  map.set(key, (map.get(key) ?? 0) + times)
}

function longest(gaps: SeedGap[]): SeedGap[] {
  return gaps.sort((a, b) => b.ms - a.ms || a.seed - b.seed).slice(0, GAPS)
}

function gapWords(gaps: readonly SeedGap[]): string {
  const words = gaps.map(({ seed, id, at, ms, after }) => {
    const cause = after ? `, after ${after}` : ''
    return `${number(ms)} ms (seed ${seed}, ${id} at ${number(at)} ms${cause})`
  })
  return words.join(', ') || 'none'
}

/** 1234567 as 1,234,567. */
export function number(n: number): string {
  return String(Math.round(n)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}
