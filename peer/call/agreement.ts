/** The key agreement as an actor of the call: flights in, flights out, keys to a callback and never into the statechart. */
import { fromCallback } from 'xstate'
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import type { HandshakeInput } from '../../protocol/handshake/agreement.js'
import { Handshake } from '../../protocol/handshake/handshake.js'
import type { CallKeys } from '../../protocol/handshake/key-schedule.js'
import type { AgreementEvent } from './events.js'
import type { AgreementCommand, AgreementInput } from './setup.js'

export type AgreementParts = Pick<HandshakeInput, 'password' | 'identity' | 'random'>

/** `agreed` gets the keys before the statechart hears of them. */
export function agreementActor(parts: AgreementParts, agreed: (keys: CallKeys) => void) {
  return fromCallback<AgreementCommand, AgreementInput>(({ input, receive, sendBack }) => {
    const report: (event: AgreementEvent) => void = sendBack
    const { ownId, peerId } = input
    const callId = fromBase64url(input.callId) ?? new Uint8Array(16)
    const handshake = new Handshake({ ownId, peerId, callId, ...parts })
    const send = (flight: Uint8Array | null) => {
      if (flight) report({ type: 'agreement.send', data: toBase64url(flight), confirms: handshake.awaitsConfirmation })
    }
    send(handshake.start())
    receive(({ data }) => {
      const flight = fromBase64url(data)
      if (!flight) return
      const step = handshake.receive(flight)
      switch (step.kind) {
        case 'wait':
          return
        case 'send':
          return send(step.bytes)
        case 'done':
          send(step.send)
          agreed(step.keys)
          return report({ type: 'agreement.agreed', mode: step.keys.mode, code: step.keys.code })
        case 'failed':
          send(step.send)
          return report({ type: 'agreement.failed', message: step.message })
      }
    })
  })
}
