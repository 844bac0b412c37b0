/** What must be gone when a call is over: timers of its programs, and what the server knew of it. */
import type { Invariant } from './invariants.js'

/** No timer of a program waits when it has ended, and none runs after. */
export const quietAfterEnd: Invariant = {
  name: 'quietAfterEnd',
  watch: ({ programs }, broken) => {
    const ranAtEnd = new Map<object, number>()
    return {
      ended(program) {
        const { clock } = program.person.host
        if (!program.killed && clock.pending > 0)
          broken(`${clock.pending} timers of ${program.name} wait when it has ended (${program.end?.reason})`)
        ranAtEnd.set(program, clock.ran)
      },
      check() {
        for (const program of programs) {
          const later = program.person.host.clock.ran - (ranAtEnd.get(program) ?? Number.NaN)
          if (later > 0) broken(`${later} timers of ${program.name} ran after it had ended`)
        }
      },
    }
  },
}

/** The server forgets a call that ended, its people, and their sockets. */
export const serverForgets: Invariant = {
  name: 'serverForgets',
  watch: ({ world }, broken) => ({
    check() {
      const { hub } = world.server
      if (!hub) return broken('the server is down at the end: the scenario left it so')
      const { calls, peers, sockets } = hub
      if (calls + peers + sockets > 0)
        broken(`the server still has ${calls} calls, ${peers} peers and ${sockets} sockets when all are gone`)
    },
  }),
}
