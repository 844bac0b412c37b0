/** The files of a person's contacts and of the guesses that others had. */
import { savedContacts } from '../../../peer/trust/contact-file.js'
import { savedGuesses } from '../../../peer/trust/guess-file.js'
import { COUNTED_MS, lockedUntil, stillCounted } from '../../../peer/trust/guesses.js'
import { canonicalId } from '../../../protocol/id.js'
import { StateFile } from '../../../protocol/node-state-file.js'
import { readState } from '../state.js'
import { holds, type Target } from '../target.js'
import { jsonWords } from './signaling-from-peer.js'

const key = Buffer.alloc(32, 7).toString('base64url')
const contact = { id: 'XYZ', key, since: 1_700_000_000_000, how: 'password' }
const guess = { kind: 'guess', own: 'abc', peer: 'xyz', at: 1_700_000_000_000 }
const NOW = 1_700_000_000_000
const contacts = new StateFile('contacts.json', savedContacts, '')
const guesses = new StateFile('guesses.json', savedGuesses, '')

/** Null: it is damaged. */
function read<T>(file: StateFile<T>, bytes: Uint8Array): T | null {
  const read = readState(file, bytes)
  return 'value' in read ? read.value : null
}

export const target: Target = {
  files: ['protocol/node-state-file.js', 'peer/trust/contact-file.js', 'peer/trust/guesses.js'],
  maxBytes: 3_000,
  samples: [
    { version: 1, contacts: [] },
    { version: 1, contacts: [contact, { ...contact, id: '__proto__', how: 'code' }] },
    { version: 1, contacts: [contact, { ...contact, id: 'xyz' }] },
    { version: 1, counted: [] },
    { version: 1, counted: Array.from({ length: 12 }, () => guess) },
    { version: 1, counted: [guess, { ...guess, kind: 'attempt', at: NOW + 5 }] },
  ].map(value => Buffer.from(JSON.stringify(value))),
  words: [...jsonWords, JSON.stringify(contact), JSON.stringify(guess), '"version":1', key, '"at":', '"since":'],
  run(input) {
    const known = read(contacts, input)
    const counted = read(guesses, input)?.counted
    if (known) {
      const ids = known.contacts.map(({ id }) => canonicalId(id))
      holds(new Set(ids).size === ids.length, 'an id has one key')
      const text = JSON.stringify(known)
      holds(JSON.stringify(read(contacts, Buffer.from(text))) === text, 'reads what it writes')
    }
    if (!counted) return known ? `contacts ${Math.min(known.contacts.length, 2)}` : 'damaged'
    const still = stillCounted(counted, NOW)
    holds(still.length <= counted.length && still.every(({ at }) => at <= NOW), 'nothing counts from the future')
    const until = lockedUntil(still, { kind: 'guess', own: 'abc', peer: 'xyz', at: NOW })
    holds(
      until === null || (until > NOW && until <= NOW + COUNTED_MS),
      'nobody is locked for longer than a guess counts',
    )
    return `guesses ${Math.min(still.length, 2)} ${until !== null}`
  },
}
