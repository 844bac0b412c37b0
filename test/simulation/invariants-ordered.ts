/** What two sides negotiate comes whole, once and in order. */
import { DirectRoute } from '../../peer/routes/direct.js'
import { Session } from '../../peer/session/session.js'
import type { Negotiation } from '../../protocol/negotiation.js'
import type { Invariant } from './invariants.js'

/** What each session took for sending, and what each direct route was told, in order; of the call that is played now. */
let said = new Map<Session, string[]>()
let heard = new Map<DirectRoute, string[]>()

export const ordered: Invariant = {
  name: 'ordered',
  watch: (_call, broken) => {
    said = new Map()
    heard = new Map()
    return {
      check() {
        for (const told of heard.values()) {
          const whole = [...said.values()].some(all => told.every((one, i) => one === all[i]))
          if (!whole) broken(`what was negotiated came otherwise than it was said: ${told.map(wordOf).join(', ')}`)
        }
      },
    }
  },
}

function note<K>(map: Map<K, string[]>, key: K, { kind, generation, text }: Negotiation): void {
  const list = map.get(key) ?? []
  map.set(key, list)
  list.push(`${kind} ${generation} ${text}`)
}

function wordOf(line: string): string {
  return line.slice(0, 20)
}

// For good: prototypes of production code, in tests alone.
const { negotiate } = Session.prototype
Session.prototype.negotiate = function (message) {
  const taken = negotiate.call(this, message)
  if (taken) note(said, this, message)
  return taken
}
const { hear } = DirectRoute.prototype
DirectRoute.prototype.hear = function (message) {
  note(heard, this, message)
  return hear.call(this, message)
}
