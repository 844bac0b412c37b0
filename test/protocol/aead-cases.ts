/** What any Aead must do, held against published vectors and against what people do to frames. */
import type { Test } from 'tap'
import type { Aead } from '../../protocol/aead.js'
import { concat } from '../../protocol/bytes.js'
import { decodeSframeHeader } from '../../protocol/sframe.js'
import { hex, seeded, unhex } from './seeded.js'
import { GCM_VECTORS } from './vectors/gcm.js'
import { SFRAME_FRAMES } from './vectors/sframe-frames.js'

export interface AeadCase {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
  readonly sealed: Uint8Array
}

/** Published ones: AES-GCM's own, and the frames of RFC 9605, taken apart. */
export function publishedCases(): AeadCase[] {
  const own = GCM_VECTORS.map(({ key, nonce, aad, plaintext, ciphertext, tag }) => ({
    key: unhex(key),
    nonce: unhex(nonce),
    aad: unhex(aad),
    plaintext: unhex(plaintext),
    sealed: unhex(ciphertext + tag),
  }))
  const frames = SFRAME_FRAMES.map(vector => {
    const frame = unhex(vector.frame)
    const header = decodeSframeHeader(frame)
    if (!header.ok) throw new Error('a published frame without a header')
    return {
      key: unhex(vector.key),
      nonce: unhex(vector.nonce),
      aad: concat(frame.subarray(0, header.value.size), unhex(vector.metadata)),
      plaintext: unhex(vector.plaintext),
      sealed: frame.slice(header.value.size),
    }
  })
  return [...own, ...frames]
}

/** Keys of both lengths, and texts of all lengths around the cipher's blocks. */
export function seededInputs(): Omit<AeadCase, 'sealed'>[] {
  const random = seeded('aead')
  return [16, 32].flatMap(keyBytes =>
    [0, 1, 15, 16, 17, 31, 32, 33, 98, 100, 1200].map(size => ({
      key: random(keyBytes),
      nonce: random(12),
      aad: random(size % 41),
      plaintext: random(size),
    })),
  )
}

/** Runs all cases as subtests of `t`. */
export function holdsAead(t: Test, aead: Aead): void {
  t.test('seals and opens the published vectors', async t => {
    for (const { key, nonce, aad, plaintext, sealed } of publishedCases()) {
      t.equal(hex(aead.seal(key, nonce, aad, plaintext)), hex(sealed))
      t.equal(hex(aead.seal(key, nonce, aad, plaintext, 3)), `000000${hex(sealed)}`, 'with room for a header')
      t.equal(hex(aead.open(key, nonce, aad, sealed)!), hex(plaintext))
    }
  })

  t.test('opens nothing that was changed: any byte of text, tag, aad, nonce or key', async t => {
    for (const { key, nonce, aad, sealed } of publishedCases()) {
      const input = { key, nonce, aad, sealed }
      for (const part of ['key', 'nonce', 'aad', 'sealed'] as const)
        for (let i = 0; i < input[part].length; i++) {
          const bytes = input[part].slice()
          bytes[i]! ^= 1 << (i % 8)
          const changed = { ...input, [part]: bytes }
          if (aead.open(changed.key, changed.nonce, changed.aad, changed.sealed) !== null)
            t.fail(`opened with byte ${i} of ${part} changed`)
        }
    }
  })

  t.test('opens nothing that is cut short or grew', async t => {
    for (const { key, nonce, aad, sealed } of publishedCases()) {
      for (let length = 0; length < sealed.length; length++)
        if (aead.open(key, nonce, aad, sealed.subarray(0, length))) t.fail(`opened ${length} bytes of ${sealed.length}`)
      t.equal(aead.open(key, nonce, aad, concat(sealed, Uint8Array.of(0))), null)
      t.equal(aead.open(key, nonce, concat(aad, Uint8Array.of(0)), sealed), null)
      if (aad.length > 0) t.equal(aead.open(key, nonce, aad.subarray(1), sealed), null)
    }
  })

  t.test('gives null for keys and nonces of another length, and throws only when it should seal with them', async t => {
    const [{ key, nonce, aad, plaintext, sealed }] = publishedCases() as [AeadCase]
    for (const length of [0, 1, 15, 17, 24, 31, 33]) {
      t.equal(aead.open(new Uint8Array(length), nonce, aad, sealed), null)
      t.throws(() => aead.seal(new Uint8Array(length), nonce, aad, plaintext), RangeError)
    }
    for (const length of [0, 8, 11, 13, 16]) {
      t.equal(aead.open(key, new Uint8Array(length), aad, sealed), null)
      t.throws(() => aead.seal(key, new Uint8Array(length), aad, plaintext), RangeError)
    }
  })

  t.test('keeps nothing of a key: overwritten, it opens nothing more, and what it sealed is another text', async t => {
    for (const { key, nonce, aad, plaintext, sealed } of publishedCases()) {
      aead.open(key, nonce, aad, sealed)
      key.fill(0xa5)
      t.equal(aead.open(key, nonce, aad, sealed), null)
      t.not(hex(aead.seal(key, nonce, aad, plaintext)), hex(sealed))
    }
  })

  t.test('gives plain arrays of their own, leaves its inputs alone, and reads views', async t => {
    for (const { key, nonce, aad, plaintext } of seededInputs()) {
      const inputs = [key, nonce, aad, plaintext]
      const before = inputs.map(hex)
      const sealed = aead.seal(key, nonce, aad, plaintext)
      const within = concat(Uint8Array.of(1, 2, 3), sealed, Uint8Array.of(4)).subarray(3, 3 + sealed.length)
      const opened = aead.open(key, nonce, aad, within)
      if (!opened) return t.fail('did not open')
      t.same(inputs.map(hex), before)
      t.equal(hex(within), hex(sealed))
      t.equal(hex(opened), before[3])
      t.same([sealed, opened].map(Object.getPrototypeOf), [Uint8Array.prototype, Uint8Array.prototype])
      within.fill(0)
      t.equal(hex(opened), before[3])
    }
  })
}
