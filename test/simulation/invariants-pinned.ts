/** Whoever has another key than the one that was verified is said nothing to, and nothing of it is played. */
import type { Invariant } from './invariants.js'

export const pinned: Invariant = {
  name: 'pinned',
  watch: ({ scenario, programs }, broken) => {
    if (scenario.changedKey === 'nobody') return {}
    return {
      wire({ from, medium }) {
        if (medium === 'relay' || medium === 'direct')
          broken(`${from} sends frames, and the key of ${scenario.changedKey} is not the one that is known`)
      },
      check() {
        for (const { name, person } of programs)
          if (person.heard.some(({ frame }) => frame !== null)) broken(`${name} played what a stranger said`)
      },
    }
  },
}
