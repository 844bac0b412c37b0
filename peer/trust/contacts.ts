/** Whose key is known: after a call in which the other side was verified, its key is pinned, and no other key is it from then on. */
import { canonicalId } from '../../protocol/id.js'

/** How the key was verified when it was pinned. */
export type VerifiedBy = 'password' | 'code'

export interface Contact {
  /** As it was shown. */
  readonly id: string
  /** Ed25519 public key, 32 bytes. */
  readonly key: Uint8Array
  /** Epoch ms. */
  readonly since: number
  readonly how: VerifiedBy
}

/**
 * Pins are per id, not per id and server: a person keeps its key when its server moves, and whoever lies about the server must
 * not choose by that which pin counts.
 */
export interface Contacts {
  /** Whatever upper or lower case the id is in. Null: nobody was verified under it yet. Throws a StateProblem where that can't be known. */
  find(id: string): Contact | null
  /**
   * Remembers a key that was just verified. A key that is pinned already stays: only its person's own word takes it back (`contacts
   * forget`). Throws a StateProblem where it can't be kept; for the rest of this program it is known all the same.
   */
  pin(id: string, key: Uint8Array, how: VerifiedBy): void
}

/** Known as long as the program runs. `now`: epoch ms. */
export class ContactsInMemory implements Contacts {
  readonly #contacts = new Map<string, Contact>()

  constructor(private readonly now: () => number) {}

  find(id: string): Contact | null {
    return this.#contacts.get(canonicalId(id)) ?? null
  }

  pin(id: string, key: Uint8Array, how: VerifiedBy): void {
    const canonical = canonicalId(id)
    if (!this.#contacts.has(canonical)) this.#contacts.set(canonical, { id, key: key.slice(), since: this.now(), how })
  }
}
