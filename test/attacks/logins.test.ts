/** Whose id it is: what may be tried against the login, the names, and the lobby. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../protocol/bytes.js'
import { KeySchedule } from '../../protocol/handshake/key-schedule.js'
import { parseId } from '../../protocol/id.js'
import { verify } from '../../protocol/identity.js'
import { lv } from '../../protocol/length-value.js'
import { signLogin, verifyLogin } from '../../protocol/login.js'
import { agree, sideA, sideB } from '../protocol/handshake/pair.js'
import { seeded } from '../protocol/seeded.js'
import { loginText, newIdentity, newSession, ORIGIN } from '../signaling/fake-client.js'
import { world } from '../signaling/fake-world.js'
import { attack } from './attack.js'

/** What Ann's program answers to a hostile server that she dialled: its origin, whatever challenge it showed her. */
function loginElsewhere(challenge: string, origin = 'ws://hostile.test:9001') {
  return JSON.parse(loginText(challenge, { id: 'Ann', identity: newIdentity(), origin })) as Record<string, string>
}

attack(16, 'a hostile server passes the challenge of another one on, and the answer back', async t => {
  const { client } = world()
  for (const origin of [ORIGIN, 'ws://hostile.test:9001']) {
    const thief = client()
    const login = loginElsewhere(thief.challenge)
    thief.raw(JSON.stringify({ ...login, origin }))
    t.match(thief.news(), ['challenge', origin === ORIGIN ? 'refused badLogin' : 'refused badOrigin'], origin)
  }
})

attack(
  16,
  'a login that was overheard is said again, to another challenge, for another id, in another session',
  async t => {
    const { client } = world()
    const ann = client()
    const login = loginText(ann.challenge, { id: 'Ann' })
    t.match(ann.raw(login).news(), ['challenge', 'online'])
    t.match(client().raw(login).news(), ['challenge', 'refused badLogin'], 'another challenge')
    for (const change of [{ id: 'Bob' }, { session: newSession() }]) {
      const thief = client()
      thief.login({ id: 'Ann', change })
      t.match(thief.news(), ['challenge', 'refused badLogin'], Object.keys(change).join())
    }
  },
)

attack(17, 'the signature of a login is shown in a call, and that of a call in a login', async t => {
  const identity = newIdentity()
  const random = seeded('17')
  const claim = { origin: ORIGIN, id: 'ann', challenge: random(32), session: random(16) }
  const login = signLogin(identity, claim)
  const [isk, m1, m2, m3c] = [random(64), random(68), random(190), random(100)]
  const transcript = sha512(lv('evc/1 th', m1, m2, m3c))
  const prk = extract(sha512, isk, transcript)
  const call = new KeySchedule(isk.slice(), m1, m2, m3c)
  for (const [side, label] of [
    ['a', 'hs a2b'],
    ['b', 'hs b2a'],
  ] as const) {
    // Who has the keys of the call, the other side, can open and close its boxes.
    const box = () => chacha20poly1305(expand(sha512, prk, utf8(`evc/1 ${label}`), 32), new Uint8Array(12), transcript)
    t.notOk(
      call.opensIdentity(side, identity.publicKey, box().encrypt(login), verify),
      `a login is no proof of side ${side}`,
    )
    const signature = box().decrypt(call.sealIdentity(side, identity))
    t.notOk(verifyLogin(identity.publicKey, claim, signature), 'nor the other way round')
    t.ok(verify(identity.publicKey, lv(`evc/1 sig ${side}`, transcript), signature), 'it is signed what it is for')
  }
  const labelled = lv('evc/1 login', ORIGIN, 'ann', claim.challenge, claim.session)
  t.ok(verify(identity.publicKey, labelled, login), 'and in a login too')
})

attack(18, 'another key takes the id while its owner is away', async t => {
  const { client, clock } = world()
  const owner = { identity: newIdentity(), session: newSession() }
  const ann = client()
    .login({ id: 'Ann', ...owner })
    .say({ type: 'call', to: 'ben' })
  const ben = client().login({ id: 'ben' }).say({ type: 'call', to: 'Ann' })
  const { callId } = ben.last('matched')!
  for (const [id, when] of [
    ['Ann', 'while she is there'],
    ['ANN', 'in other letters'],
  ] as const)
    t.match(client().login({ id }).news(), ['challenge', 'refused taken'], when)
  ann.alive = false
  t.match(client().login({ id: 'Ann' }).news(), ['challenge', 'refused taken'], 'while she does not answer')
  ann.hangUp()
  clock.advance(2_000)
  const thief = client().login({ id: 'ann' })
  t.match(thief.news(), ['challenge', 'refused taken'], 'while she is away')
  ben.news()
  const again = client()
    .login({ id: 'Ann', ...owner })
    .say({ type: 'call', to: 'ben', resume: callId })
  t.match(again.last('matched'), { callId, resumed: true }, 'she comes back to her call')
  t.same(ben.news(), ['back'])
})

attack(18, 'someone presents the call id of a call of others', async t => {
  const { call, online } = world()
  const { a, b, callId } = call()
  a.hangUp()
  b.news()
  const thief = online('mallory').say({ type: 'call', to: 'b', resume: callId })
  t.match(thief.news(), ['challenge', 'online', 'presence'])
  t.match(thief.say({ type: 'pass', callId, data: 'AAAA' }).news(), ['error notInCall'])
  t.same(b.news(), [], 'the one who waits hears nothing of it')
})

attack(19, 'one address takes all names before their owners come', async t => {
  const { client, clock } = world({ limits: { newNamesPerAddressPerHour: 5, loginsPerAddressPerMinute: 1_000 } })
  const squat = (n: number) => {
    const squatter = client('192.0.2.1').login({ id: `name-${n}` })
    const [, answer] = squatter.news()
    squatter.hangUp()
    return answer
  }
  t.same([0, 1, 2, 3, 4].map(squat), Array(5).fill('online'))
  t.same([5, 6, 7].map(squat), Array(3).fill('refused tooMany'))
  t.match(client('192.0.2.2').login({ id: 'name-5' }).news(), ['challenge', 'online'], 'the owner comes from elsewhere')
  const theirs = () => client('192.0.2.3').login({ id: 'name-0' }).news()
  t.match(theirs(), ['challenge', 'refused taken'])
  clock.advance(31 * 86_400_000)
  t.match(theirs(), ['challenge', 'online'], 'what nobody uses is free after 30 days')
})

attack(20, 'both call at once, and again, in any order', async t => {
  for (const order of ['ab', 'ba', 'aab', 'abab', 'bbaa']) {
    const { online } = world()
    const sides = { a: online('ann'), b: online('ben') }
    for (const who of order) sides[who as 'a' | 'b'].say({ type: 'call', to: who === 'a' ? 'ben' : 'ann' })
    const [a, b] = [sides.a.last('matched'), sides.b.last('matched')]
    t.ok(a && a.callId === b?.callId, `${order}: one call`)
  }
})

attack(20, 'both call at once, with ids in any letters: one opens the agreement, not both and not none', async t => {
  const [typed, lower, upper] = [(id: string) => id, (id: string) => id.toLowerCase(), (id: string) => id.toUpperCase()]
  for (const [one, other] of [
    ['ABC', 'xyz'],
    ['b', 'A'],
    ['a_', 'aZ'],
  ] as const)
    for (const [own, seen] of [
      [typed, typed],
      [lower, upper],
      [upper, lower],
    ] as const) {
      const sides = [
        sideA({ ownId: own(one), peerId: seen(other) }),
        sideB({ ownId: own(other), peerId: seen(one) }),
      ] as const
      t.equal(sides.filter(side => side.start()).length, 1, `${own(one)} calls ${seen(other)}`)
      const [a, b] = sides[0].side === 'a' ? sides : [sides[1], sides[0]]
      t.doesNotThrow(() => agree(a, b))
    }
})

attack(32, 'an id that looks like another one, or differs in its letters', async t => {
  const { client } = world()
  t.match(client().login({ id: 'Anna.K' }).news(), ['challenge', 'online'])
  for (const id of ['anna.k', 'ANNA.K', 'aNNa.K'])
    t.match(client().login({ id }).news(), ['challenge', 'refused taken'], id)
  // Cyrillic a, the Kelvin sign, a dotless i, a full-width A, an accent that combines, a zero-width space, a blank, from right to left.
  for (const id of [
    '\u0430nna',
    'anna.\u212a',
    '\u0131da',
    '\uff21nna',
    'anna\u0301',
    'an\u200bna',
    'anna ',
    '\u202eanna',
  ]) {
    const [, answer] = client()
      .say(JSON.parse(loginText('A'.repeat(43), { id: 'x', change: { id } })))
      .news()
    t.equal(answer, 'error badMessage', JSON.stringify(id))
    t.notOk(parseId(id).ok, 'nor can it be typed')
  }
})
