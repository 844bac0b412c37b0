/** The contacts on disk: `contacts.json` in the configuration folder. Node's alone. */
import { join } from 'node:path'
import * as z from 'zod'
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import { canonicalId, ID_PATTERN, sameId } from '../../protocol/id.js'
import { StateFile } from '../../protocol/node-state-file.js'
import { type Contact, type Contacts, ContactsInMemory, type VerifiedBy } from './contacts.js'

const contact = z.object({
  id: z.string().regex(ID_PATTERN),
  /** 32 bytes, base64url. */
  key: z.string().refine(text => fromBase64url(text)?.length === 32),
  /** Epoch ms. */
  since: z.number().int().nonnegative(),
  how: z.enum(['password', 'code']),
})
/** What is kept of contacts. */
export const savedContacts = z.object({
  version: z.literal(1),
  contacts: z
    .array(contact)
    .refine(all => new Set(all.map(({ id }) => canonicalId(id))).size === all.length, 'an id comes twice'),
})
type Saved = z.infer<typeof savedContacts>

export class ContactFile implements Contacts {
  readonly #file: StateFile<Saved>
  /** What this program verified, also where it could not be written. */
  readonly #own: ContactsInMemory

  constructor(
    folder: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#own = new ContactsInMemory(now)
    this.#file = new StateFile(
      join(folder, 'contacts.json'),
      savedContacts,
      // To go on without would take anyone for the person that a pin is of.
      'Put back a copy, or move it away: then nobody is known any more, and you verify each person anew.',
    )
  }

  get path(): string {
    return this.#file.path
  }

  /** In the order of their ids. Throws a StateProblem. */
  list(): Contact[] {
    const contacts = (this.#file.read()?.contacts ?? []).map(each => ({ ...each, key: bytesOf(each.key) }))
    return contacts.sort((a, b) => (canonicalId(a.id) < canonicalId(b.id) ? -1 : 1))
  }

  find(id: string): Contact | null {
    return this.list().find(each => sameId(each.id, id)) ?? this.#own.find(id)
  }

  pin(id: string, key: Uint8Array, how: VerifiedBy): void {
    this.#own.pin(id, key, how)
    this.#file.update(now => {
      const contacts = now?.contacts ?? []
      if (now && contacts.some(each => sameId(each.id, id))) return now
      return { version: 1, contacts: [...contacts, { id, key: toBase64url(key), since: Math.round(this.now()), how }] }
    })
  }

  /** Whether there was one to forget. Throws a StateProblem. */
  forget(id: string): boolean {
    const before = this.#file.read()
    if (!before?.contacts.some(each => sameId(each.id, id))) return false
    this.#file.update(now => ({
      version: 1,
      contacts: (now?.contacts ?? []).filter(each => !sameId(each.id, id)),
    }))
    return true
  }
}

/** The schema has seen to it. */
function bytesOf(text: string): Uint8Array {
  return fromBase64url(text) ?? new Uint8Array()
}
