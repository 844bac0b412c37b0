/** The key agreement as an actor of the call: flights in, flights out, keys to a callback and never into the statechart. */
import { fromCallback } from 'xstate'
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import { fingerprintOf } from '../../protocol/fingerprint.js'
import type { HandshakeInput } from '../../protocol/handshake/agreement.js'
import { Handshake } from '../../protocol/handshake/handshake.js'
import type { CallKeys } from '../../protocol/handshake/key-schedule.js'
import type { HandshakeStep } from '../../protocol/handshake/step.js'
import { reasonOf } from '../../protocol/reason.js'
import type { Contact, Contacts } from '../trust/contacts.js'
import type { Guesses, Permit } from '../trust/guesses.js'
import type { AgreementEvent } from './events.js'
import type { AgreementCommand, AgreementInput } from './setup.js'

export interface AgreementParts extends Pick<HandshakeInput, 'password' | 'identity' | 'random' | 'verify'> {
  /** Null or absent: nobody is known, and nobody is remembered. */
  readonly contacts?: Contacts | null
  /** Null or absent: nothing is counted. */
  readonly guesses?: Guesses | null
}

/** What happens beside the statechart. */
export interface AgreementOutcome {
  /**
   * Called before the statechart hears of it. `confirm`: for once the person has compared the code; remembers the key, and may throw
   * a StateProblem.
   */
  readonly agreed: (keys: CallKeys, confirm: () => void) => void
  /** Something could not be noted on disk; the call goes on. */
  readonly problem: (error: unknown) => void
}

export function agreementActor(parts: AgreementParts, outcome: AgreementOutcome) {
  return fromCallback<AgreementCommand, AgreementInput>(({ input, receive, sendBack }) => {
    const report: (event: AgreementEvent) => void = sendBack
    try {
      const agreement = new Agreement(parts, outcome, input, report)
      receive(({ data }) => agreement.hear(data))
    } catch (error) {
      report(unaccounted(error))
    }
  })
}

/** One attempt to agree on keys with someone who may be known, and who may be guessing. */
class Agreement {
  readonly #mode
  readonly #known: Contact | null
  readonly #handshake: Handshake
  /** For the try that this agreement is; null: not asked for yet. */
  #permit: Extract<Permit, { allowed: true }> | null = null
  #answered = false

  /** Throws a StateProblem where it can't be known whether this one is known. */
  constructor(
    private readonly parts: AgreementParts,
    private readonly outcome: AgreementOutcome,
    private readonly input: AgreementInput,
    private readonly report: (event: AgreementEvent) => void,
  ) {
    const { ownId, peerId } = input
    const { password, identity, random, verify, contacts } = parts
    const callId = fromBase64url(input.callId) ?? new Uint8Array(16)
    this.#mode = password === null ? 'code' : 'password'
    this.#known = contacts?.find(peerId) ?? null
    const pinned = this.#known?.key ?? null
    this.#handshake = new Handshake({ ownId, peerId, callId, password, identity, pinned, random, verify })
    this.#send(this.#handshake.start())
  }

  hear(data: string): void {
    const flight = fromBase64url(data)
    if (!flight) return
    const isB = this.#handshake.side === 'b'
    // Whatever comes of M3, side a will see whether its guess was right.
    if (isB && this.#answered && this.#mode === 'password' && !this.#isAllowed()) return
    const step = this.#handshake.receive(flight)
    switch (step.kind) {
      case 'wait':
        return
      case 'send':
        // M3 lets side b test a guess. M2 is all that side b sees of one who tries whether two codes agree.
        if ((this.#handshake.awaitsConfirmation || (isB && this.#mode === 'code')) && !this.#isAllowed()) return
        this.#answered = true
        return this.#send(step.bytes)
      case 'done':
        return this.#done(step)
      case 'failed':
        return this.#failed(step)
    }
  }

  #done({ keys, send }: Extract<HandshakeStep, { kind: 'done' }>): void {
    const { contacts } = this.parts
    const { peerId } = this.input
    const verified = () => {
      try {
        this.#permit?.settle()
      } finally {
        if (!this.#known) contacts?.pin(peerId, keys.peerIdentity, keys.mode)
      }
    }
    this.#send(send)
    if (this.#known || keys.mode === 'password') this.#note(verified)
    this.outcome.agreed(keys, verified)
    const since = this.#known?.since ?? null
    this.report({ type: 'agreement.agreed', mode: keys.mode, code: keys.code, since })
  }

  #failed({ reason, message, send, seen }: Extract<HandshakeStep, { kind: 'failed' }>): void {
    // Side b saw that it was no wrong password. Side a can't: what follows M3 may be made up.
    if (this.#handshake.side === 'b' && this.#mode === 'password' && reason !== 'unverified')
      this.#note(() => this.#permit?.settle())
    this.#send(send)
    const known = this.#known
    if (!known || !seen) return this.report({ type: 'agreement.failed', message, distrust: null })
    const [before, now] = [fingerprintOf(known.key), fingerprintOf(seen)]
    const distrust = { name: 'changedKey', known: before, seen: now, since: known.since } as const
    this.report({ type: 'agreement.failed', message, distrust })
  }

  /** Counts this agreement as a try, once. Says so and gives up where there were too many. */
  #isAllowed(): boolean {
    const { guesses } = this.parts
    if (!guesses || this.#permit) return true
    try {
      const permit = guesses.begin(this.#mode === 'code' ? 'attempt' : 'guess', this.input.ownId, this.input.peerId)
      if (permit.allowed) {
        this.#permit = permit
        return true
      }
      const distrust = { name: 'tooManyTries', retryAt: permit.retryAt } as const
      this.report({ type: 'agreement.failed', message: 'Too many tries to agree on keys went wrong.', distrust })
    } catch (error) {
      this.report(unaccounted(error))
    }
    return false
  }

  #send(flight: Uint8Array | null): void {
    const confirms = this.#handshake.awaitsConfirmation
    if (flight) this.report({ type: 'agreement.send', data: toBase64url(flight), confirms })
  }

  #note(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.outcome.problem(error)
    }
  }
}

/** Nobody is trusted whom the records say nothing about because they can't be read or written. */
function unaccounted(error: unknown): AgreementEvent {
  const hint = error instanceof Error && 'hint' in error ? String(error.hint) : ''
  return { type: 'agreement.failed', message: reasonOf(error), distrust: { name: 'unaccounted', hint } }
}
