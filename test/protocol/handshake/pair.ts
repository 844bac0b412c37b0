import { type CallKeys, createIdentity, Handshake, type HandshakeInput } from '../../../protocol/index.js'
import { seeded } from '../seeded.js'

export const CALL_ID = seeded('call id')(16)

type Options = Partial<HandshakeInput>

/** Side a of a call between ABC and XYZ. The same seed gives the same messages. */
export function sideA(options: Options = {}, seed = 'a'): Handshake {
  return new Handshake({ ...common(seed), ownId: 'ABC', peerId: 'XYZ', ...options })
}

/** Side b of the same call. */
export function sideB(options: Options = {}, seed = 'b'): Handshake {
  return new Handshake({ ...common(seed), ownId: 'xyz', peerId: 'abc', ...options })
}

function common(seed: string) {
  const identity = createIdentity(seeded(`${seed} identity`))
  return { callId: CALL_ID, password: null, identity, random: seeded(seed) }
}

/** A whole handshake: the four messages and both sides' keys. Throws when it fails. */
export function agree(a: Handshake = sideA(), b: Handshake = sideB()) {
  const m1 = a.start()!
  const m2 = sent(b, m1)
  const m3 = sent(a, m2)
  const atB = b.receive(m3)
  if (atB.kind !== 'done' || !atB.send) throw new Error(`side b: ${JSON.stringify(atB)}`)
  const m4 = atB.send
  const atA = a.receive(m4)
  if (atA.kind !== 'done') throw new Error(`side a: ${JSON.stringify(atA)}`)
  return { messages: { m1, m2, m3, m4 }, keysA: atA.keys, keysB: atB.keys }
}

/** Fresh call keys for both sides, for tests of what comes after the handshake. */
export function callKeys(): { readonly a: CallKeys; readonly b: CallKeys } {
  const { keysA, keysB } = agree()
  return { a: keysA, b: keysB }
}

/** Gives a message to a side that must answer with another one. */
export function sent(side: Handshake, message: Uint8Array): Uint8Array {
  const step = side.receive(message)
  if (step.kind !== 'send') throw new Error(`expected an answer, got ${JSON.stringify(step)}`)
  return step.bytes
}
