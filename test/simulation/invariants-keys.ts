/** Two programs that once talked keep their keys: whatever happens to the server or to the ways, they never agree anew. */
import type { Invariant } from './invariants.js'
import { callers, talk } from './invariants-connects.js'
import type { Program } from './play-program.js'

export const keysKept: Invariant = {
  name: 'keysKept',
  watch: (call, broken) => {
    /** The two that talked, and how often each had agreed until then. */
    let pair: readonly [Program, Program] | null = null
    let agreed = 0
    const look = () => {
      const now = callers(call)
      if (!now || now[0] !== pair?.[0] || now[1] !== pair?.[1]) pair = null
      if (!now || call.troubles.had('second')) return
      const times = now.reduce((sum, program) => sum + agreements(program), 0)
      if (pair && times > agreed) broken(`${now.map(({ name }) => name).join(' and ')} agree on keys anew`)
      if (!talk(call)) return
      pair = now
      agreed = times
    }
    return { hub: look, look, ended: look, check: look }
  },
}

function agreements({ person: { views } }: Program): number {
  return views.filter(({ state }, i) => state === 'agreeing' && views[i - 1]?.state !== 'agreeing').length
}
