import { equalBytes } from '../bytes.js'
import { sessionKey, sharedPoint } from '../cpace.js'
import { lv } from '../length-value.js'
import type { Agreement } from './agreement.js'
import { commitmentTo, hashOf, KeySchedule } from './key-schedule.js'
import { MODE_BYTE, parseM1, parseM3 } from './messages.js'
import { badShare, changedKey, failed, type HandshakeStep, unverified, wrongCall, wrongMode } from './step.js'

interface Invitation {
  readonly m1: Uint8Array
  readonly commit: Uint8Array
  readonly m2: Uint8Array
  readonly ad: Uint8Array
}

/** Side b: answers M1 with M2, ends with M3 and its answer M4. Takes each message once; handshake.ts sees to repetitions. */
export class Responder {
  readonly #own: Agreement
  #invited: Invitation | null = null

  constructor(own: Agreement) {
    this.#own = own
  }

  receive(bytes: Uint8Array): HandshakeStep {
    return this.#invited ? this.#finish(bytes, this.#invited) : this.#answerM1(bytes)
  }

  #answerM1(m1: Uint8Array): HandshakeStep {
    const { mode, callId, idA, idB, nonce, identity, share } = this.#own
    const parsed = parseM1(m1)
    if (!parsed.ok) return failed(parsed.error.name, parsed.error.message)
    const { value } = parsed
    if (!equalBytes(value.callId, callId)) return wrongCall()
    if (!equalBytes(value.idA, idA) || !equalBytes(value.idB, idB)) return wrongCall()
    const ad = lv('b', nonce, identity.publicKey, hashOf(m1))
    const m2 = lv('h2', callId, MODE_BYTE[mode], share.point, ad)
    // M2 all the same: it tells the other side which mode this side is in, and nothing about a password.
    if (value.mode !== mode) return wrongMode(mode, m2)
    this.#invited = { m1, commit: value.commit, m2, ad }
    return { kind: 'send', bytes: m2 }
  }

  #finish(bytes: Uint8Array, { m1, commit, m2, ad }: Invitation): HandshakeStep {
    const { mode, callId, share, identity, pinned } = this.#own
    const parsed = parseM3(bytes)
    if (!parsed.ok) return failed(parsed.error.name, parsed.error.message)
    const m3 = parsed.value
    if (!equalBytes(m3.callId, callId)) return wrongCall()
    if (!equalBytes(commitmentTo(callId, m3.point, m3.ad), commit))
      return failed('badCommitment', 'The other side shows another key share than it promised: someone changed it.')
    const shared = sharedPoint(share.secret, m3.point)
    if (!shared) return badShare()
    const isk = sessionKey(callId, shared, { a: m3, b: { point: share.point, ad } })
    shared.fill(0)
    const schedule = new KeySchedule(isk, m1, m2, m3.core)
    if (!equalBytes(m3.tag, schedule.tagA()) || !schedule.opensIdentity('a', m3.identity, m3.box, this.#own.verify)) {
      schedule.forget()
      return unverified(mode)
    }
    if (pinned && !equalBytes(m3.identity, pinned)) {
      schedule.forget()
      return changedKey(m3.identity)
    }
    const m4 = lv('h4', callId, schedule.tagB(), schedule.sealIdentity('b', identity))
    return { kind: 'done', keys: schedule.finish('b', mode, callId, m3.identity), send: m4 }
  }
}
