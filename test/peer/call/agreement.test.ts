import t from 'tap'
import { createActor, setup } from 'xstate'
import { type AgreementParts, agreementActor } from '../../../peer/call/agreement.js'
import type { AgreementEvent } from '../../../peer/call/events.js'
import { ContactsInMemory } from '../../../peer/trust/contacts.js'
import { type Guesses, type GuessKind, guessesInMemory } from '../../../peer/trust/guesses.js'
import { OneGuess } from '../../../peer/trust/one-guess.js'
import { fromBase64url, toBase64url } from '../../../protocol/bytes.js'
import { type CallKeys, createIdentity, fingerprintOf } from '../../../protocol/index.js'
import { reasonOf } from '../../../protocol/reason.js'
import { seeded } from '../../protocol/seeded.js'
import { CALL } from './rig.js'

interface Side {
  /** What it reported, in order; `keys` stands where the keys were handed out. */
  readonly said: (AgreementEvent | { type: 'keys' })[]
  readonly keys: CallKeys[]
  readonly problems: string[]
  confirm(): void
  hear(data: string): void
}

type Trust = Pick<AgreementParts, 'contacts' | 'guesses'>

/** The actor below a parent that only listens. */
function side(ownId: string, peerId: string, password: string | null, trust: Trust = {}): Side {
  const said: Side['said'] = []
  const keys: CallKeys[] = []
  const problems: string[] = []
  let confirm = () => {}
  const agreement = agreementActor(
    { password, identity: createIdentity(seeded(`${ownId} identity`)), random: seeded(ownId), ...trust },
    {
      agreed: (agreed, whenConfirmed) => {
        keys.push(agreed)
        confirm = whenConfirmed
        said.push({ type: 'keys' })
      },
      problem: error => problems.push(reasonOf(error)),
    },
  )
  const listener = setup({ types: { events: {} as AgreementEvent }, actors: { agreement } }).createMachine({
    invoke: { id: 'agreement', src: 'agreement', input: { callId: CALL, ownId, peerId } },
    on: { '*': { actions: ({ event }) => said.push(event) } },
  })
  const actor = createActor(listener).start()
  return {
    said,
    keys,
    problems,
    confirm: () => confirm(),
    hear: data => actor.getSnapshot().children.agreement?.send({ type: 'flight', data }),
  }
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

/** Trust of one side, kept from agreement to agreement, and how many tries are open. */
function memory() {
  const contacts = new ContactsInMemory(() => 5_000)
  const counting = guessesInMemory(() => 5_000)
  const open: GuessKind[] = []
  const guesses: Guesses = {
    begin: (kind, own, peer) => {
      const permit = counting.begin(kind, own, peer)
      if (!permit.allowed) return permit
      open.push(kind)
      const settle = () => {
        permit.settle()
        open.splice(0)
      }
      return { ...permit, settle }
    },
  }
  return { contacts, guesses, open }
}

const ids = ['ABC', 'XYZ'] as const
const keyOf = (id: string) => createIdentity(seeded(`${id} identity`)).publicKey

t.test('a password verifies: both keys are pinned, and known in the next call, with a password or without', async t => {
  const [a, b] = [memory(), memory()]
  exchange(side('ABC', 'XYZ', 'open sesame', a), side('XYZ', 'ABC', 'open sesame', b))
  t.match(a.contacts.find('xyz'), { id: 'XYZ', key: keyOf('XYZ'), how: 'password', since: 5_000 })
  t.match(b.contacts.find('abc'), { id: 'ABC', key: keyOf('ABC'), how: 'password' })
  for (const password of ['open sesame', null]) {
    const again = [side('ABC', 'XYZ', password, a), side('XYZ', 'ABC', password, b)] as const
    exchange(...again)
    for (const each of again) t.match(last(each), { type: 'agreement.agreed', since: 5_000 })
    t.same([a.open, b.open], [[], []], 'one who is known was not guessing')
  }
})

t.test('a code verifies once it is confirmed, and not before', async t => {
  const [a, b] = [memory(), memory()]
  const [one, other] = [side('ABC', 'XYZ', null, a), side('XYZ', 'ABC', null, b)]
  exchange(one, other)
  t.match(last(one), { type: 'agreement.agreed', since: null })
  t.equal(a.contacts.find('XYZ'), null)
  t.same([a.open, b.open], [['attempt'], ['attempt']])
  one.confirm()
  t.match(a.contacts.find('XYZ'), { key: keyOf('XYZ'), how: 'code' })
  t.equal(b.contacts.find('ABC'), null, 'the other side has confirmed nothing')
  t.same([a.open, b.open], [[], ['attempt']])
})

t.test('another key than the pinned one ends it before the last flight that this side would send', async t => {
  for (const password of ['open sesame', null])
    for (const [who, flights] of [
      ['ABC', 1],
      ['XYZ', 1],
    ] as const) {
      const trust = memory()
      const peer = who === 'ABC' ? 'XYZ' : 'ABC'
      trust.contacts.pin(peer, keyOf('someone else'), 'code')
      const [a, b] = ids.map(id => side(id, id === 'ABC' ? 'XYZ' : 'ABC', password, id === who ? trust : {})) as [
        Side,
        Side,
      ]
      exchange(a, b)
      const stops = who === 'ABC' ? a : b
      const distrust = {
        name: 'changedKey',
        known: fingerprintOf(keyOf('someone else')),
        seen: fingerprintOf(keyOf(peer)),
        since: 5_000,
      }
      t.match(last(stops), { type: 'agreement.failed', distrust })
      t.equal(
        types(stops).filter(type => type === 'agreement.send').length,
        flights,
        `${who} sent M1 or M2, and no more`,
      )
      t.same([a.keys, b.keys], [[], []], 'nobody has keys')
      t.same(trust.contacts.find(peer)?.key, keyOf('someone else'), 'the pin stays')
      if (password !== null) t.same(trust.open, [], 'it was no wrong password')
    }
})

t.test('wrong passwords are counted on both sides, until no more is allowed', async t => {
  const [a, b] = [memory(), memory()]
  const call = (passwordOfB: string) => {
    const sides = [side('ABC', 'XYZ', 'open sesame', a), side('XYZ', 'ABC', passwordOfB, b)] as const
    exchange(...sides)
    return sides
  }
  for (let n = 1; n <= 10; n++) {
    call('open barley')
    t.same([a.open.length, b.open.length], [n, n])
  }
  const [one, other] = call('open sesame')
  t.match(last(one), { type: 'agreement.failed', distrust: { name: 'tooManyTries', retryAt: 3_605_000 } })
  t.same(types(one), ['agreement.send', 'agreement.failed'], 'M3 does not leave')
  exchange(side('ABC', 'XYZ', 'open sesame'), other)
  const judging = side('XYZ', 'ABC', 'open sesame', b)
  exchange(side('ABC', 'XYZ', 'open sesame'), judging)
  t.match(last(judging), { type: 'agreement.failed', distrust: { name: 'tooManyTries' } })
  t.equal(judging.keys.length, 0, 'a right one is not judged either')
})

t.test('silence after M3 is a guess; before it, nothing is', async t => {
  const a = memory()
  const one = side('ABC', 'XYZ', 'open sesame', a)
  const other = side('XYZ', 'ABC', 'open sesame')
  t.same(a.open, [])
  const [m1] = one.said
  if (m1?.type !== 'agreement.send') throw new Error('no first flight')
  other.hear(m1.data)
  const [m2] = other.said
  if (m2?.type !== 'agreement.send') throw new Error('no second flight')
  one.hear(m2.data)
  one.hear(m2.data)
  t.same(a.open, ['guess'], 'once, however often M2 comes')
})

t.test('on side b, what is broken otherwise is no guess; by code, each begun agreement is an attempt', async t => {
  const b = memory()
  const [one, other] = [side('ABC', 'XYZ', 'open sesame'), side('XYZ', 'ABC', 'open sesame', b)]
  exchange(one, other, (data, n) => (n === 2 ? data.slice(0, 40) : data))
  t.match(last(other), { type: 'agreement.failed', distrust: null })
  t.same(b.open, [])
  const first = side('ABC', 'XYZ', null).said[0]
  if (first?.type !== 'agreement.send') throw new Error('no first flight')
  for (let n = 1; n <= 100; n++) {
    side('XYZ', 'ABC', null, b).hear(first.data)
    t.equal(b.open.length, n)
  }
  const refused = side('XYZ', 'ABC', null, b)
  refused.hear(first.data)
  t.match(refused.said, [{ type: 'agreement.failed', distrust: { name: 'tooManyTries' } }])
})

t.test('what cannot be looked up or counted ends it; what cannot be noted afterwards does not', async t => {
  const broken = () => {
    throw Object.assign(new Error('The disk is full.'), { hint: 'Make room.' })
  }
  const pin = () => {}
  const blind = side('ABC', 'XYZ', null, { contacts: { find: broken, pin } })
  t.same(blind.said, [
    { type: 'agreement.failed', message: 'The disk is full.', distrust: { name: 'unaccounted', hint: 'Make room.' } },
  ])
  const uncounted = side('ABC', 'XYZ', 'open sesame', { guesses: { begin: broken } })
  exchange(uncounted, side('XYZ', 'ABC', 'open sesame'))
  t.same(types(uncounted), ['agreement.send', 'agreement.failed'])
  t.match(last(uncounted), { distrust: { name: 'unaccounted' } })
  const forgetful = side('ABC', 'XYZ', 'open sesame', {
    contacts: { find: () => null, pin: broken },
    guesses: { begin: () => ({ allowed: true, settle: broken }) },
  })
  exchange(forgetful, side('XYZ', 'ABC', 'open sesame'))
  t.equal(last(forgetful)?.type, 'agreement.agreed')
  t.same(forgetful.problems, ['The disk is full.'])
})

t.test('with one guess for all agreements a wrong one is the last, on either side', async t => {
  for (const [own, peer] of [
    ['7.a', '7.b'],
    ['7.b', '7.a'],
  ] as const) {
    const trust = { guesses: new OneGuess() }
    const agree = (words: string) => {
      const we = side(own, peer, 'orbit-maple', trust)
      const they = side(peer, own, words)
      exchange(we, they)
      return { we, they }
    }
    for (let n = 0; n < 3; n++)
      t.match(last(agree('orbit-maple').we), { type: 'agreement.agreed' }, 'right ones are free')
    const guessed = agree('zoo-zoo')
    t.equal(guessed.we.keys.length + guessed.they.keys.length, 0)
    const again = agree('orbit-maple')
    t.match(last(again.we), { type: 'agreement.failed', distrust: { name: 'tooManyTries', retryAt: null } })
    t.equal(again.we.keys.length + again.they.keys.length, 0, 'not even the right words get in')
    t.equal(again.we.said.filter(({ type }) => type === 'agreement.send').length, 1, 'neither M3 nor M4')
  }
})
