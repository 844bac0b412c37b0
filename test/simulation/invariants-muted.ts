/** From the moment that someone is muted no voice of theirs is sealed. */
import type { Invariant } from './invariants.js'
import { observeSealing } from './sealing-observer.js'
import { PLAINTEXT } from './virtual-sound.js'

export const muted: Invariant = {
  name: 'muted',
  watch: ({ programs }, broken) => {
    observeSealing('muted', {
      sealed(_by, _bytes, packet) {
        if (packet.kind !== 'voice') return
        const opus = packet.blocks[0]?.opus ?? []
        // The virtual codec's packets say whose they are.
        const owner = ((opus[PLAINTEXT.length] ?? 0) << 8) | (opus[PLAINTEXT.length + 1] ?? 0)
        const program = programs.find(({ person }) => person.number === owner)
        if (program?.person.views.at(-1)?.muted) broken(`${program.name} is muted and sends voice`)
      },
    })
    return {}
  },
}
