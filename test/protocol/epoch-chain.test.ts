import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import t from 'tap'
import { utf8 } from '../../protocol/bytes.js'
import { Epoch, ReceiveChain } from '../../protocol/epoch-chain.js'
import { SframeKey } from '../../protocol/sframe.js'
import { hex, seeded } from './seeded.js'

const chain = () => seeded('chain')(64)

t.test('numbers the keys by epoch and lane', async t => {
  const third = new Epoch(chain(), 3, 0).next().next()
  t.equal(third.number, 2)
  t.equal(third.key.kid, 11n)
})

t.test('goes from chain to chain one way, giving each epoch a key of its own', async t => {
  const first = new Epoch(chain(), 0, 0)
  const keys = [first, first.next(), first.next().next()].map(epoch => hex(epoch.key.key))
  t.equal(new Set(keys).size, 3)
  t.equal(hex(first.next().key.key), keys[1], 'the same each time')
  t.not(hex(new Epoch(chain(), 1, 0).key.key), keys[0], 'the lane is part of the key')
})

t.test('derives the base key by HKDF-Expand with the label that the specification gives', async t => {
  // HKDF-Expand by its definition (RFC 5869, section 2.3): T(1) = HMAC(PRK, info || 1). Extract is not involved.

  const base = hmac(sha512, chain(), Uint8Array.of(...utf8('evc/1 base'), 1)).slice(0, 32)
  t.equal(hex(new Epoch(chain(), 2, 0).key.key), hex(new SframeKey(5, 2n, base).key))
})

t.test('leaves no secret behind when an epoch is forgotten', async t => {
  const bytes = chain()
  const epoch = new Epoch(bytes, 0, 0)
  epoch.forget()
  t.equal(hex(bytes), '00'.repeat(64))
  t.equal(hex(epoch.key.key), '00'.repeat(32))
})

t.test('finds up to four epochs ahead without moving, and moves only when told', async t => {
  const received = new ReceiveChain(chain(), 0)
  for (let number = 0; number <= 4; number++) t.match(received.find(number), { ok: true, value: { epoch: { number } } })
  t.match(received.find(5), { ok: false, error: { name: 'epochTooFar' } })
  received.settle(3)
  t.match(received.find(7), { ok: true })
  t.match(received.find(2), { ok: true }, 'one before')
  t.match(received.find(1), { ok: false, error: { name: 'epochGone' } })
  received.settle(1)
  t.match(received.find(7), { ok: true }, 'never back')
})

t.test('derives each epoch once, so that forged frames cost nothing more', async t => {
  const received = new ReceiveChain(chain(), 0)
  const [one, two] = [received.find(4), received.find(4)]
  t.ok(one.ok && two.ok && one.value === two.value)
})

t.test('keeps a replay window for each epoch', async t => {
  const received = new ReceiveChain(chain(), 0)
  const [zero, one] = [received.find(0), received.find(1)]
  if (!zero.ok || !one.ok) return t.fail('not found')
  t.ok(zero.value.window.mark(5))
  t.ok(one.value.window.mark(5))
  t.notOk(zero.value.window.mark(5))
})
