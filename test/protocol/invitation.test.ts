import t from 'tap'
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import { createIdentity, sign } from '../../protocol/identity.js'
import {
  encodeInvitation,
  type Invitation,
  isInvitation,
  MAX_INVITATION_CHARS,
  openInvitation,
} from '../../protocol/invitation.js'
import { lv } from '../../protocol/length-value.js'
import { seeded } from './seeded.js'

const random = seeded('invitation')
const server = createIdentity(random)
const other = createIdentity(random)
const invitation: Invitation = { serial: random(8), ends: 1_800_000_000, id: 'Ada' }
const token = encodeInvitation(server, invitation)

t.test('says what was signed, with an id and without', async t => {
  t.same(openInvitation(server.publicKey, token), { ok: true, value: invitation })
  for (const id of [null, 'a', 'x'.repeat(32)])
    for (const ends of [0, 0xffffffff]) {
      const each = { ...invitation, ends, id }
      t.same(openInvitation(server.publicKey, encodeInvitation(server, each)), { ok: true, value: each })
    }
})

t.test('is short enough to paste, and made of letters that survive it', async t => {
  t.match(token, /^[A-Za-z0-9_-]+$/)
  t.equal(encodeInvitation(server, { ...invitation, id: 'x'.repeat(32) }).length, MAX_INVITATION_CHARS)
  t.equal(encodeInvitation(server, { ...invitation, id: null }).length, 115)
})

t.test('refuses every change of one bit', async t => {
  const bytes = fromBase64url(token)!
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice()
    changed[bit >> 3]! ^= 1 << (bit & 7)
    if (openInvitation(server.publicKey, toBase64url(changed)).ok) t.fail(`bit ${bit}`)
  }
  t.ok(openInvitation(server.publicKey, toBase64url(bytes)).ok)
})

t.test('refuses every beginning of one, and anything behind it, as no invitation', async t => {
  for (let length = 0; length < token.length; length++)
    t.match(openInvitation(server.publicKey, token.slice(0, length)), { ok: false, error: { name: 'badInvitation' } })
  for (const more of ['A', 'AAAA', ' ', '='])
    t.match(openInvitation(server.publicKey, token + more), { ok: false, error: { name: 'badInvitation' } })
  t.notOk(isInvitation('A'.repeat(100_000)))
  t.ok(isInvitation(token))
})

t.test("tells another server's invitation from a forged one", async t => {
  t.match(openInvitation(other.publicKey, token), { ok: false, error: { name: 'otherServer' } })
  const forged = fromBase64url(encodeInvitation(other, invitation))!
  forged.set(fromBase64url(token)!.subarray(0, 8)) // version, and the tag of the server it pretends to be of
  t.match(openInvitation(server.publicKey, toBase64url(forged)), { ok: false, error: { name: 'badInvitation' } })
})

t.test('refuses what the server signed for another purpose', async t => {
  const body = fromBase64url(token)!.subarray(0, -64)
  const signature = sign(server, lv('evc/1 login', body))
  t.notOk(openInvitation(server.publicKey, toBase64url(Uint8Array.of(...body, ...signature))).ok)
})

t.test('does not write what it could not read', async t => {
  t.throws(() => encodeInvitation(server, { ...invitation, serial: random(7) }), RangeError)
  for (const ends of [-1, 0.5, 2 ** 32, Number.NaN])
    t.throws(() => encodeInvitation(server, { ...invitation, ends }), RangeError)
})
