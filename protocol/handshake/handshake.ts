/**
 * The key agreement of one call: four flights between the two sides, passed on by a server that is not trusted. With a
 * password it is CPace: whoever sits between can try one guess a call. Without one it is the same exchange over an empty
 * password, and a six-character code that both people compare takes its place; the commitment in M1 is what makes so short a code
 * safe. The messages are in messages.ts, the two sides in initiator.ts and responder.ts, the keys in key-schedule.ts.
 */
import { equalBytes } from '../bytes.js'
import { type HandshakeInput, prepare } from './agreement.js'
import { Initiator } from './initiator.js'
import type { Side } from './key-schedule.js'
import { Responder } from './responder.js'
import { failed, type HandshakeStep } from './step.js'

export type { HandshakeInput } from './agreement.js'
export type { CallKeys, ChainPair, Side } from './key-schedule.js'
export type { Mode } from './messages.js'
export type { HandshakeFailure, HandshakeStep } from './step.js'

/** One attempt at key agreement, with fresh secrets. Never reused. */
export class Handshake {
  readonly side: Side
  readonly #initiator: Initiator | null
  readonly #party: Initiator | Responder
  #over = false
  /** Each message taken, and the answer: the same message again gets the same answer again. */
  readonly #answered: { readonly received: Uint8Array; readonly reply: Uint8Array | null }[] = []

  /** Throws a RangeError on input that can't be right: calling oneself, an empty password, a callId that is not 16 bytes. */
  constructor(input: HandshakeInput) {
    const agreement = prepare(input)
    this.side = agreement.side
    this.#initiator = agreement.side === 'a' ? new Initiator(agreement) : null
    this.#party = this.#initiator ?? new Responder(agreement)
  }

  /** M1 on side a, to be sent at once; null on side b, which waits for it. */
  start(): Uint8Array | null {
    return this.#initiator ? this.#initiator.m1 : null
  }

  /**
   * Side a sent M3 and saw no valid M4: the other side may have tested a guess. When the handshake ends while this is true,
   * by silence or by failure, count a guess. On side b, 'unverified' is one.
   */
  get awaitsConfirmation(): boolean {
    return this.#initiator?.awaitsConfirmation ?? false
  }

  /** What this side sent last, to send again after a reconnect; null before the first message. */
  get lastSent(): Uint8Array | null {
    return this.#answered.findLast(({ reply }) => reply !== null)?.reply ?? this.start()
  }

  /**
   * Takes a message from the other side. Never throws, whatever the bytes. 'done' and 'failed' are final. An exact
   * repetition of an earlier message gets the same answer again, or 'wait' where there was none; after the end everything else is
   * 'unexpected' and changes nothing (keys that were handed out stay good).
   */
  receive(bytes: Uint8Array): HandshakeStep {
    const before = this.#answered.find(({ received }) => equalBytes(received, bytes))
    if (before) return before.reply ? { kind: 'send', bytes: before.reply } : { kind: 'wait' }
    if (this.#over) return failed('unexpected', 'The key agreement is over; this message came too late.')
    const received = bytes.slice()
    const step = this.#party.receive(received)
    this.#over = step.kind === 'done' || step.kind === 'failed'
    if (step.kind === 'failed') this.#initiator?.forget()
    const reply = step.kind === 'wait' ? null : step.kind === 'send' ? step.bytes : step.send
    this.#answered.push({ received, reply })
    return step
  }
}
