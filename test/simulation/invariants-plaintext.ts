/** No plaintext leaves: no voice, no password, and no address of a peer where the server could read it. */
import type { Invariant } from './invariants.js'
import { CANDIDATE_MARK } from './virtual-signal.js'
import { PLAINTEXT } from './virtual-sound.js'

/** What both type in the simulated world, and what the other types where theirs differ. */
export const PASSWORDS = ['open-sesame-plum', 'open-sesame-pear'] as const

const VOICE = Buffer.from(PLAINTEXT)
const SECRETS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['voice', VOICE],
  ['a password', Buffer.from(PASSWORDS[0].slice(0, -5))],
  ['a candidate', Buffer.from(CANDIDATE_MARK)],
]

export const noPlaintext: Invariant = {
  name: 'noPlaintext',
  watch: (_call, broken) => ({
    wire({ from, to, medium, data }) {
      // What the server passes on was looked at when it left its peer.
      if (from === 'server' && medium === 'relay') return
      const what = typeof data === 'string' ? secretInText(data) : secretIn(data)
      if (what) broken(`${what} in the clear, ${medium}, from ${from} to ${to}`)
    },
  }),
}

/** The first secret in these bytes, or null. */
export function secretIn(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return SECRETS.find(([, secret]) => buffer.includes(secret))?.[0] ?? null
}

/** Looks also into what is base64url in it. */
export function secretInText(text: string): string | null {
  const inside = text.match(/[\w-]{8,}/g) ?? []
  for (const part of [Buffer.from(text, 'latin1'), ...inside.map(word => Buffer.from(word, 'base64url'))]) {
    const what = secretIn(part)
    if (what) return what
  }
  return null
}
