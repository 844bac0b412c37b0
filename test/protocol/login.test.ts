import t from 'tap'
import { createIdentity, sign } from '../../protocol/identity.js'
import { lv } from '../../protocol/length-value.js'
import { originOf, signLogin, verifyLogin } from '../../protocol/login.js'
import { seeded } from './seeded.js'

const random = seeded('login')
const identity = createIdentity(random)
const claim = { origin: 'wss://talk.example', id: 'Ada', challenge: random(32), session: random(16) }
const signature = signLogin(identity, claim)

t.test('accepts the login that was signed, in any case of the id', async t => {
  t.ok(verifyLogin(identity.publicKey, claim, signature))
  t.ok(verifyLogin(identity.publicKey, { ...claim, id: 'aDA' }, signature))
})

t.test('refuses a login for another origin, id, challenge, session or key', async t => {
  t.notOk(verifyLogin(identity.publicKey, { ...claim, origin: 'wss://evil.example' }, signature))
  t.notOk(verifyLogin(identity.publicKey, { ...claim, id: 'Adb' }, signature))
  t.notOk(verifyLogin(identity.publicKey, { ...claim, challenge: random(32) }, signature))
  t.notOk(verifyLogin(identity.publicKey, { ...claim, session: random(16) }, signature))
  t.notOk(verifyLogin(createIdentity(random).publicKey, claim, signature))
})

t.test('refuses fields that move a byte from one to the next', async t => {
  const moved = { ...claim, origin: 'wss://talk.exampl', id: 'eAda' }
  t.notOk(verifyLogin(identity.publicKey, moved, signature))
})

t.test('refuses challenges and sessions of another length, signed or not', async t => {
  const short = { ...claim, challenge: random(31) }
  t.notOk(verifyLogin(identity.publicKey, short, signLogin(identity, short)))
  const long = { ...claim, session: random(17) }
  t.notOk(verifyLogin(identity.publicKey, long, signLogin(identity, long)))
})

t.test('refuses a signature that was made in a call', async t => {
  const inCall = sign(identity, lv('evc/1 sig a', random(64)))
  t.notOk(verifyLogin(identity.publicKey, claim, inCall))
})

t.test('refuses each flipped byte of the signature, and never throws', async t => {
  for (let i = 0; i < 64; i += 7) {
    const changed = signature.slice()
    changed[i]! ^= 1
    t.equal(verifyLogin(identity.publicKey, claim, changed), false)
  }
  t.equal(verifyLogin(random(31), claim, signature), false)
  t.equal(verifyLogin(identity.publicKey, claim, random(3)), false)
})

t.test('writes the origin of a websocket URL in one form', async t => {
  const forms = {
    'ws://LocalHost:9001/': 'ws://localhost:9001',
    'ws://localhost:9001/path?x=1#y': 'ws://localhost:9001',
    'ws://10.0.0.7': 'ws://10.0.0.7',
    'ws://10.0.0.7:80': 'ws://10.0.0.7',
    'wss://Talk.Example:443/': 'wss://talk.example',
    'wss://talk.example:80': 'wss://talk.example:80',
    'WSS://user:pw@talk.example': 'wss://talk.example',
    'ws://[::1]:9001': 'ws://[::1]:9001',
    'ws://[0:0:0:0:0:0:0:1]:9001': 'ws://[::1]:9001',
  }
  for (const [url, origin] of Object.entries(forms)) t.equal(originOf(url), origin, url)
})

t.test('gives null for what is no websocket URL', async t => {
  for (const url of [
    '',
    'localhost:9001',
    'http://localhost',
    'https://x',
    'ws://',
    'ws://a b',
    'ws://h:99999',
    'javascript:0',
  ])
    t.equal(originOf(url), null, url)
})
