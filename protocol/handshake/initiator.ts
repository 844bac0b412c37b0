import { equalBytes } from '../bytes.js'
import { sessionKey, sharedPoint } from '../cpace.js'
import { lv } from '../length-value.js'
import type { Agreement } from './agreement.js'
import { commitmentTo, hashOf, KeySchedule } from './key-schedule.js'
import { HANDSHAKE_VERSION, type M2, MODE_BYTE, parseM2, parseM4, SUITE } from './messages.js'
import { badShare, changedKey, failed, type HandshakeStep, unverified, wrongCall, wrongMode } from './step.js'

interface SentM3 {
  readonly schedule: KeySchedule
  readonly peerIdentity: Uint8Array
}

/** Side a: sends M1, answers M2 with M3, ends with M4. Takes each message once; handshake.ts sees to repetitions. */
export class Initiator {
  readonly #own: Agreement
  readonly #ad: Uint8Array
  readonly m1: Uint8Array
  #sent: SentM3 | null = null
  #confirmed = false

  constructor(own: Agreement) {
    this.#own = own
    this.#ad = lv('a', own.nonce, own.identity.publicKey)
    const commit = commitmentTo(own.callId, own.share.point, this.#ad)
    const version = Uint8Array.of(HANDSHAKE_VERSION)
    this.m1 = lv('h1', version, MODE_BYTE[own.mode], SUITE, own.callId, own.idA, own.idB, commit)
  }

  get awaitsConfirmation(): boolean {
    return this.#sent !== null && !this.#confirmed
  }

  receive(bytes: Uint8Array): HandshakeStep {
    return this.#sent ? this.#finish(bytes, this.#sent) : this.#answerM2(bytes)
  }

  /** Only one M2 is ever answered: each M3 lets the other side test one guess. */
  #answerM2(bytes: Uint8Array): HandshakeStep {
    const { mode, callId, share, identity, pinned } = this.#own
    const parsed = parseM2(bytes)
    if (!parsed.ok) return failed(parsed.error.name, parsed.error.message)
    const m2: M2 = parsed.value
    if (!equalBytes(m2.callId, callId)) return wrongCall()
    if (m2.mode !== mode) return wrongMode(mode)
    if (!equalBytes(m2.hashOfM1, hashOf(this.m1)))
      return failed(
        'badMessage',
        'The other side answers a message that this side never sent: it was changed on the way.',
      )
    // Not proved yet, and enough to stop: M3 would let it test a guess.
    if (pinned && !equalBytes(m2.identity, pinned)) return changedKey(m2.identity)
    const shared = sharedPoint(share.secret, m2.point)
    if (!shared) return badShare()
    const isk = sessionKey(callId, shared, { a: { point: share.point, ad: this.#ad }, b: m2 })
    shared.fill(0)
    const m3c = lv('h3', callId, share.point, this.#ad)
    const schedule = new KeySchedule(isk, this.m1, bytes, m3c)
    this.#sent = { schedule, peerIdentity: m2.identity }
    return { kind: 'send', bytes: lv(m3c, schedule.tagA(), schedule.sealIdentity('a', identity)) }
  }

  #finish(bytes: Uint8Array, { schedule, peerIdentity }: SentM3): HandshakeStep {
    const { mode, callId } = this.#own
    const parsed = parseM4(bytes)
    if (!parsed.ok) return failed(parsed.error.name, parsed.error.message)
    const m4 = parsed.value
    if (!equalBytes(m4.callId, callId)) return wrongCall()
    if (!equalBytes(m4.tag, schedule.tagB())) return unverified(mode)
    if (!schedule.opensIdentity('b', peerIdentity, m4.box, this.#own.verify)) return unverified(mode)
    this.#confirmed = true
    return { kind: 'done', keys: schedule.finish('a', mode, callId, peerIdentity), send: null }
  }

  forget(): void {
    this.#sent?.schedule.forget()
  }
}
