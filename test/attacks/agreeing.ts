/** One side of a key agreement as the program runs it, with what it knows and counts, against someone who makes up the rest. */
import { createActor, setup } from 'xstate'
import { type AgreementParts, agreementActor } from '../../peer/call/agreement.js'
import type { AgreementEvent } from '../../peer/call/events.js'
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import type { CallKeys } from '../../protocol/index.js'
import { CALL_ID } from '../protocol/handshake/pair.js'

export class Agreeing {
  /** The messages that it sent. */
  readonly sent: Uint8Array[] = []
  /** Why it gave up; null: it has not. */
  failed: Extract<AgreementEvent, { type: 'agreement.failed' }> | null = null
  keys: CallKeys | null = null
  /** The person has compared the code. */
  confirm: () => void = () => {}
  readonly #hear: (data: string) => void

  constructor(ownId: string, peerId: string, parts: AgreementParts) {
    const agreement = agreementActor(parts, {
      agreed: (keys, confirm) => {
        this.keys = keys
        this.confirm = confirm
      },
      problem: () => {},
    })
    const take = (event: AgreementEvent) => {
      if (event.type === 'agreement.send') this.sent.push(fromBase64url(event.data)!)
      if (event.type === 'agreement.failed') this.failed = event
    }
    const parent = setup({ types: { events: {} as AgreementEvent }, actors: { agreement } }).createMachine({
      invoke: { id: 'agreement', src: 'agreement', input: { callId: toBase64url(CALL_ID), ownId, peerId } },
      on: { '*': { actions: ({ event }) => take(event) } },
    })
    const actor = createActor(parent).start()
    this.#hear = data => actor.getSnapshot().children.agreement?.send({ type: 'flight', data })
  }

  hear(message: Uint8Array): void {
    this.#hear(toBase64url(message))
  }
}

/** Carries messages between two until nobody has more to say. */
export function carry(a: Agreeing, b: Agreeing): void {
  const heard = new Map([
    [a, 0],
    [b, 0],
  ])
  for (let moved = true; moved; ) {
    moved = false
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const)
      for (let n = heard.get(from)!; n < from.sent.length; n++) {
        to.hear(from.sent[n]!)
        heard.set(from, n + 1)
        moved = true
      }
  }
}
