import t from 'tap'
import { createActor, setup } from 'xstate'
import { agreementActor } from '../../../peer/call/agreement.js'
import type { AgreementEvent } from '../../../peer/call/events.js'
import { fromBase64url, toBase64url } from '../../../protocol/bytes.js'
import { type CallKeys, createIdentity } from '../../../protocol/index.js'
import { seeded } from '../../protocol/seeded.js'
import { CALL } from './rig.js'

interface Side {
  /** What it reported, in order; `keys` stands where the keys were handed out. */
  readonly said: (AgreementEvent | { type: 'keys' })[]
  readonly keys: CallKeys[]
  hear(data: string): void
}

/** The actor below a parent that only listens. */
function side(ownId: string, peerId: string, password: string | null): Side {
  const said: Side['said'] = []
  const keys: CallKeys[] = []
  const parts = { password, identity: createIdentity(seeded(`${ownId} identity`)), random: seeded(ownId) }
  const agreement = agreementActor(parts, agreed => {
    keys.push(agreed)
    said.push({ type: 'keys' })
  })
  const listener = setup({ types: { events: {} as AgreementEvent }, actors: { agreement } }).createMachine({
    invoke: { id: 'agreement', src: 'agreement', input: { callId: CALL, ownId, peerId } },
    on: { '*': { actions: ({ event }) => said.push(event) } },
  })
  const actor = createActor(listener).start()
  return { said, keys, hear: data => actor.getSnapshot().children.agreement?.send({ type: 'flight', data }) }
}

/** Carries flights to and fro until nobody has more to say. `change`: what happens to the nth flight on its way. */
function exchange(a: Side, b: Side, change: (data: string, n: number) => string = data => data): void {
  const heard = new Map([
    [a, 0],
    [b, 0],
  ])
  for (let n = 0, moved = true; moved; ) {
    moved = false
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const flights = from.said.filter(event => event.type === 'agreement.send')
      for (const { data } of flights.slice(heard.get(from))) to.hear(change(data, n++))
      moved ||= flights.length > heard.get(from)!
      heard.set(from, flights.length)
    }
  }
}

const types = ({ said }: Side) => said.map(({ type }) => type)
const last = ({ said }: Side) => said.at(-1)

t.test('two sides agree in four flights, and hand out the keys before they say so', async t => {
  const a = side('ABC', 'XYZ', 'open sesame')
  const b = side('XYZ', 'ABC', 'open sesame')
  t.same(types(a), ['agreement.send'], 'the smaller id begins')
  t.same(types(b), [])
  exchange(a, b)
  t.same(types(a), ['agreement.send', 'agreement.send', 'keys', 'agreement.agreed'])
  t.same(types(b), ['agreement.send', 'agreement.send', 'keys', 'agreement.agreed'])
  t.match(last(a), { mode: 'password', code: /^[A-Z2-7]{6}$/ })
  t.same(last(a), last(b))
  t.same(a.keys[0]?.chains.media.send, b.keys[0]?.chains.media.receive)
})

t.test('says from which flight on silence counts as a guess', async t => {
  const a = side('ABC', 'XYZ', 'open sesame')
  const b = side('XYZ', 'ABC', 'open sesame')
  exchange(a, b)
  const confirms = ({ said }: Side) => said.flatMap(event => (event.type === 'agreement.send' ? [event.confirms] : []))
  t.same(confirms(a), [false, true])
  t.same(confirms(b), [false, false])
})

t.test('without a password both see the same code', async t => {
  const a = side('ABC', 'XYZ', null)
  const b = side('XYZ', 'ABC', null)
  exchange(a, b)
  t.match(last(a), { type: 'agreement.agreed', mode: 'code' })
  t.same(last(a), last(b))
})

t.test('two different passwords fail, and no keys are handed out', async t => {
  const a = side('ABC', 'XYZ', 'open sesame')
  const b = side('XYZ', 'ABC', 'open barley')
  exchange(a, b)
  t.match(last(b), { type: 'agreement.failed', message: /passwords differ/ })
  t.equal(a.keys.length + b.keys.length, 0)
})

t.test('a password on one side alone fails on both, with a sentence', async t => {
  const a = side('ABC', 'XYZ', 'open sesame')
  const b = side('XYZ', 'ABC', null)
  exchange(a, b)
  t.match(last(a), { type: 'agreement.failed', message: /You gave a password, the other side gave none/ })
  t.match(last(b), { type: 'agreement.failed', message: /The other side gave a password, you gave none/ })
})

t.test('a changed flight never gives keys to both', async t => {
  for (let n = 0; n < 4; n++) {
    const a = side('ABC', 'XYZ', 'open sesame')
    const b = side('XYZ', 'ABC', 'open sesame')
    exchange(a, b, (data, i) => {
      const bytes = fromBase64url(data)!
      if (i === n) bytes[bytes.length - 1]! ^= 1
      return toBase64url(bytes)
    })
    t.equal(a.keys.length, 0, `flight ${n + 1}`)
    t.equal(b.keys.length, n === 3 ? 1 : 0)
  }
})

t.test('what is no base64url is ignored', async t => {
  const a = side('ABC', 'XYZ', 'open sesame')
  const b = side('XYZ', 'ABC', 'open sesame')
  for (const data of ['*', 'A', 'AB==', 'AAAA\n']) a.hear(data)
  t.same(types(a), ['agreement.send'])
  exchange(a, b)
  t.equal(last(a)?.type, 'agreement.agreed')
})

t.test('a repeated flight gets the same answer, and no second keys', async t => {
  const a = side('ABC', 'XYZ', 'open sesame')
  const b = side('XYZ', 'ABC', 'open sesame')
  exchange(a, b)
  const m1 = a.said[0]
  if (m1?.type !== 'agreement.send') throw new Error('no first flight')
  const before = b.said.length
  b.hear(m1.data)
  t.same(b.said.slice(before), [b.said[0]])
  t.equal(b.keys.length, 1)
})
