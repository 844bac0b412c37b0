/** An access list: which keys may use a private server, and which ids are for one key alone. */
import { fromBase64url } from '../protocol/bytes.js'
import { canonicalId, parseId } from '../protocol/id.js'
import { isRendezvous } from '../protocol/rendezvous.js'
import { fail, ok, type Result } from '../protocol/result.js'

export interface Grant {
  /** Public key, base64url. */
  readonly key: string
  /** The key may use this id, and nobody else may; null: the key may use any id that is free. */
  readonly id: string | null
}

export class AccessList {
  /** Canonical id -> the key that it is for. */
  readonly #owners = new Map<string, string>()
  readonly #anyId = new Set<string>()
  readonly #ids = new Map<string, string>()

  /** Where two keys are granted one id, the first has it. */
  constructor(grants: Iterable<Grant>) {
    for (const { key, id } of grants) {
      if (id === null) this.#anyId.add(key)
      else if (!this.#owners.has(canonicalId(id))) {
        this.#owners.set(canonicalId(id), key)
        this.#ids.set(key, id)
      }
    }
  }

  /** Ids of one-time calls are nobody's own: with one of them every key that is known may come. */
  allows(id: string, key: string): boolean {
    if (isRendezvous(id)) return this.#anyId.has(key) || this.#ids.has(key)
    const owner = this.ownerOf(id)
    return owner === undefined ? this.#anyId.has(key) : owner === key
  }

  /** The key that an id is reserved for. */
  ownerOf(id: string): string | undefined {
    return this.#owners.get(canonicalId(id))
  }

  /** The id that is reserved for a key, as it was written; of several the last. */
  idOf(key: string): string | undefined {
    return this.#ids.get(key)
  }
}

/** Reads the text of an access file: on each line a key, maybe an id, maybe a comment. The error names the first bad line. */
export function parseAccessFile(text: string): Result<Grant[], 'badAccessFile'> {
  const grants: Grant[] = []
  const lineOf = new Map<string, { line: number; key: string }>()
  for (const [index, whole] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1
    const words = whole.replace(/#.*/, '').trim().split(/\s+/)
    const [key = '', id = null] = words
    if (key === '') continue
    if (fromBase64url(key)?.length !== 32)
      return bad(line, 'begins with no key. A key is 43 letters, digits, "-" and "_": voicechat-peer identity shows it')
    if (words.length > 2) return bad(line, 'has more than a key and an id. Put "#" before a comment')
    if (id !== null) {
      if (!parseId(id).ok || isRendezvous(id))
        return bad(line, 'has no id behind the key: 1 to 32 letters, digits, dots, dashes or underscores')
      const before = lineOf.get(canonicalId(id))
      if (before && before.key !== key)
        return bad(line, `gives away an id that line ${before.line} gave to another key`)
      lineOf.set(canonicalId(id), { line, key })
    }
    grants.push({ key, id })
  }
  return ok(grants)
}

function bad(line: number, what: string) {
  return fail('badAccessFile', `Line ${line} ${what}.`)
}
