/** Each frame that is played was encoded by the other side, and is played once. */
import type { Invariant } from './invariants.js'

export const heardOnce: Invariant = {
  name: 'heardOnce',
  watch: ({ programs }, broken) => ({
    check() {
      for (const { id, name, person } of programs) {
        const played = new Map<number, Set<number>>()
        for (const { from, frame } of person.heard) {
          if (frame === null || from === null) continue
          const by = programs.find(program => program.person.number === from)
          if (!by || by.id === id) return broken(`${name} played a frame of ${by?.name ?? 'nobody'}`)
          const frames = played.get(from) ?? new Set()
          if (frames.has(frame)) return broken(`${name} played frame ${frame} of ${by.name} twice`)
          played.set(from, frames.add(frame))
        }
      }
    },
  }),
}
