/** An honest program does nothing that the server takes for an attack, however bad the network is. */
import type { Invariant } from './invariants.js'

const THROWN_OUT = ['tooManyErrors', 'tooManyMessages', 'flood', 'tooLong', 'binaryBeforeLogin']

export const polite: Invariant = {
  name: 'polite',
  watch: ({ troubles }, broken) => ({
    hub(event) {
      // Whoever is made to acknowledge what was never sent is no longer honest in the server's eyes.
      if ('why' in event && THROWN_OUT.includes(event.why) && !troubles.had('tamper'))
        broken(`the server throws someone out: ${event.why}`)
    },
  }),
}
