/** A process of its own (handshake.ts): prints what key agreements cost in it, ms, as JSON. */
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { createIdentity, Handshake, signLogin } from '../../protocol/index.js'

const random = (length: number) => new Uint8Array(randomBytes(length))
const identities = { a: createIdentity(random), b: createIdentity(random) }

function agree(): void {
  const callId = random(16)
  const common = { callId, password: 'seven quiet crossovers', random }
  const a = new Handshake({ ...common, ownId: 'ABC', peerId: 'XYZ', identity: identities.a })
  const b = new Handshake({ ...common, ownId: 'XYZ', peerId: 'ABC', identity: identities.b })
  let [flight, to, other] = [a.start(), b, a]
  while (flight) {
    const step = to.receive(flight)
    flight = step.kind === 'send' ? step.bytes : step.kind === 'done' ? step.send : null
    if (step.kind === 'failed') throw new Error(step.message)
    ;[to, other] = [other, to]
  }
}

function time(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

const claim = { origin: 'ws://localhost:9001', id: 'ABC', challenge: random(32), session: random(16) }
const login = time(() => signLogin(identities.a, claim))
const first = time(agree)
for (let n = 0; n < 18; n++) agree()
console.log(JSON.stringify({ login, first, warm: time(agree) }))
