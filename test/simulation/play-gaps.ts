/** Times in which someone who talked heard nothing of the other. */
import { endOf, type Fault, type Id } from './fault.js'
import type { Gap } from './outcome.js'
import type { Program } from './play-program.js'
import type { Troubles } from './play-trouble.js'
import type { Scenario } from './scenario.js'

const FRAME_MS = 20
/** Shorter ones are nothing to speak of, ms. */
const SHORTEST = 60
/** After a trouble a way is found again, and a way back to a better one; ms. */
const AFTERMATH = 30_000

export class Gaps {
  readonly #all: { readonly id: Id; readonly at: number; readonly ms: number }[] = []

  constructor(private readonly now: () => number) {}

  /** From now on what this program hears is looked at. */
  watch({ id, person }: Program): void {
    let last: number | null = null
    let seen = 0
    person.onHeard.push(({ frame }) => {
      // While the other is muted there is nothing to hear.
      const { views } = person
      if (views.slice(Math.max(0, seen - 1)).some(({ peerMuted }) => peerMuted)) last = null
      seen = views.length
      if (frame === null) return
      const now = this.now()
      if (last !== null && now - last - FRAME_MS >= SHORTEST)
        this.#all.push({ id, at: last, ms: now - last - FRAME_MS })
      last = now
    })
  }

  /** The longest of all, and the longest of those with nothing wrong, of each side. */
  longest({ people, faults }: Scenario, troubles: Troubles): Gap[] {
    const decent = [people.ABC, people.XYZ].every(
      ({ access: { delayMs = 0, jitterMs = 0, loss = 0, burstShare = 0, rateKbps } }) =>
        delayMs <= 150 && jitterMs <= 60 && loss + burstShare === 0 && rateKbps === undefined,
    )
    const gaps = this.#all.map(({ id, at, ms }): Gap => {
      const inPeace = decent && !troubles.within(at - AFTERMATH, at + ms + FRAME_MS)
      const after = inPeace ? null : (lastBefore(faults, at, at + ms)?.kind ?? null)
      return { id, at: Math.round(at), ms: Math.round(ms), inPeace, after }
    })
    const found = [true, false].flatMap(inPeace =>
      (['ABC', 'XYZ'] as const).flatMap(id => {
        const own = gaps
          .filter(gap => gap.id === id && gap.inPeace === inPeace)
          .sort((a, b) => b.ms - a.ms || a.at - b.at)
        return own.slice(0, 1)
      }),
    )
    return found
  }
}

/** The fault that began last before `to`, of those that were there, or not long over, at `from`. */
function lastBefore(faults: readonly Fault[], from: number, to: number): Fault | null {
  return faults.reduce<Fault | null>(
    (last, fault) =>
      fault.at < to && endOf(fault) + AFTERMATH > from && fault.at >= (last?.at ?? Number.NEGATIVE_INFINITY)
        ? fault
        : last,
    null,
  )
}
