import { utf8 } from '../bytes.js'
import { drawShare, generatorOf, type Share } from '../cpace.js'
import { canonicalId, sideOf } from '../id.js'
import { type Identity, type Verify, verify } from '../identity.js'
import { lv } from '../length-value.js'
import type { Random } from '../random.js'
import type { Side } from './key-schedule.js'
import { type Mode, SUITE } from './messages.js'

export interface HandshakeInput {
  readonly ownId: string
  readonly peerId: string
  /** From the server's `matched`, 16 bytes. */
  readonly callId: Uint8Array
  /** Null: none is shared; people compare the code. */
  readonly password: string | null
  readonly identity: Identity
  /** The other side's public key, 32 bytes, where it is known: another one ends the handshake. Null or absent: any will do. */
  readonly pinned?: Uint8Array | null
  /** Asked once for 64 bytes (the scalar), then for 32 (the nonce). */
  readonly random: Random
  /** How signatures are checked; absent: in plain TypeScript. */
  readonly verify?: Verify | undefined
}

/** What one side brings into a handshake: who with, about which call, and its fresh secrets. */
export interface Agreement {
  readonly side: Side
  readonly mode: Mode
  readonly callId: Uint8Array
  /** Canonical ids, UTF-8. */
  readonly idA: Uint8Array
  readonly idB: Uint8Array
  readonly identity: Identity
  readonly pinned: Uint8Array | null
  readonly share: Share
  readonly nonce: Uint8Array
  readonly verify: Verify
}

/** Throws a RangeError on what can't be right: calling oneself, an empty password, a callId that is not 16 bytes. */
export function prepare(input: HandshakeInput): Agreement {
  const { ownId, peerId, callId, password, identity, pinned, random } = input
  const own = canonicalId(ownId)
  const peer = canonicalId(peerId)
  if (own === peer) throw new RangeError('the two sides of a call have different ids')
  if (password === '') throw new RangeError('an empty password protects nothing: give null for none')
  if (callId.length !== 16) throw new RangeError('a callId is 16 bytes')
  const side = sideOf(own, peer)
  const idA = utf8(side === 'a' ? own : peer)
  const idB = utf8(side === 'a' ? peer : own)
  // The first byte keeps "no password" apart from every password.
  const prs = utf8(password === null ? '\x00' : `\x01${password.normalize('NFC')}`)
  const generator = generatorOf(prs, lv('evc/1', idA, idB, SUITE), callId)
  const share = drawShare(generator, random)
  const mode = password === null ? 'code' : 'password'
  return {
    side,
    mode,
    callId: callId.slice(),
    idA,
    idB,
    identity,
    pinned: pinned?.slice() ?? null,
    share,
    nonce: random(32).slice(),
    verify: input.verify ?? verify,
  }
}
