/** What someone in between can do with the messages of the key agreement: take them apart, change fields, and make its own. */
import { drawShare, generatorOf, sessionKey, sharedPoint } from '../../protocol/cpace.js'
import { commitmentTo, hashOf, KeySchedule } from '../../protocol/handshake/key-schedule.js'
import { MODE_BYTE, type Mode, SUITE } from '../../protocol/handshake/messages.js'
import { createIdentity, type Identity } from '../../protocol/identity.js'
import { lv, readLv } from '../../protocol/length-value.js'
import { CALL_ID } from '../protocol/handshake/pair.js'
import { hex, seeded } from '../protocol/seeded.js'

export const mallory: Identity = createIdentity(seeded('mallory'))

/** The fields of a message. */
export function fieldsOf(message: Uint8Array): Uint8Array[] {
  const read = readLv(message, 16)
  if (!read.ok) throw new Error(`not fields: ${hex(message)}`)
  return read.value
}

/** A share that fits a call between ABC and XYZ without a password, as far as anyone who knows no password can tell. */
export function shareOf(seed: string) {
  return drawShare(generatorOf(Uint8Array.of(0), lv('evc/1', 'abc', 'xyz', SUITE), CALL_ID), seeded(seed))
}

/** The M2 of a side b that is none. `point`: its share; `identity`: whose it claims to be. */
export function forgedM2(m1: Uint8Array, mode: Mode, point: Uint8Array, identity: Uint8Array): Uint8Array {
  const ad = lv('b', seeded('nonce b')(32), identity, hashOf(m1))
  return lv('h2', CALL_ID, MODE_BYTE[mode], point, ad)
}

/** The M4 that goes with it, by one who has the shared point, or thinks so. */
export function forgedM4(m1: Uint8Array, m2: Uint8Array, m3: Uint8Array, shared: Uint8Array): Uint8Array {
  const m3c = fieldsOf(m3)[0]!
  const [, , , pointB, adB] = fieldsOf(m2)
  const [, , pointA, adA] = fieldsOf(m3c)
  const isk = sessionKey(CALL_ID, shared, { a: { point: pointA!, ad: adA! }, b: { point: pointB!, ad: adB! } })
  const schedule = new KeySchedule(isk, m1, m2, m3c)
  return lv('h4', CALL_ID, schedule.tagB(), schedule.sealIdentity('b', mallory))
}

/** Side a as Mallory plays it: commits to one share, may show another. */
export class ForgedInitiator {
  readonly #ad = lv('a', seeded('nonce a')(32), mallory.publicKey)
  readonly m1: Uint8Array
  readonly #point: Uint8Array

  /** `point`: the share that it commits to. */
  constructor(mode: Mode, point: Uint8Array) {
    this.#point = point
    const commit = commitmentTo(CALL_ID, point, this.#ad)
    this.m1 = lv('h1', Uint8Array.of(1), MODE_BYTE[mode], SUITE, CALL_ID, 'abc', 'xyz', commit)
  }

  /** M3 with this share (the promised one unless given) and what both sides would have in common. */
  m3(m2: Uint8Array, shared: Uint8Array, point = this.#point): Uint8Array {
    const { m3c, schedule } = this.#finish(m2, shared, point)
    return lv(m3c, schedule.tagA(), schedule.sealIdentity('a', mallory))
  }

  /** The code that side b would show if it took that share. */
  codeWith(m2: Uint8Array, { secret, point }: ReturnType<typeof shareOf>): string {
    const { schedule } = this.#finish(m2, sharedPoint(secret, fieldsOf(m2)[3]!)!, point)
    return schedule.finish('a', 'code', CALL_ID, mallory.publicKey).code
  }

  #finish(m2: Uint8Array, shared: Uint8Array, point: Uint8Array) {
    const [, , , pointB, adB] = fieldsOf(m2)
    const isk = sessionKey(CALL_ID, shared, { a: { point, ad: this.#ad }, b: { point: pointB!, ad: adB! } })
    const m3c = lv('h3', CALL_ID, point, this.#ad)
    return { m3c, schedule: new KeySchedule(isk, this.m1, m2, m3c) }
  }
}
