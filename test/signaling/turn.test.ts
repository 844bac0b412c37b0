import { createHmac } from 'node:crypto'
import t from 'tap'
import { MAX_TURN_LIFETIME_MS, turnCredentials, turnServers } from '../../signaling/turn.js'

const SECRET = 'north-wind-over-water'
/** 2026-01-01T00:00:00.999Z, epoch ms. */
const NOW = 1_767_225_600_999

// The credential is what `printf %s username | openssl dgst -sha1 -hmac secret -binary | base64` writes.
t.test('names the second at which it ends and the person, and signs that', async t => {
  t.same(turnCredentials(SECRET, 'anna', NOW), {
    username: '1767229200:anna',
    credential: 'I8H6m6O0d1JNcEBHiSyS0tovvwU=',
  })
  const expected = createHmac('sha1', SECRET).update('1767225660:anna').digest('base64')
  t.same(turnCredentials(SECRET, 'anna', NOW, 60_000), { username: '1767225660:anna', credential: expected })
})

t.test('is good for an hour at most', async t => {
  const { username } = turnCredentials(SECRET, 'anna', NOW, 24 * MAX_TURN_LIFETIME_MS)
  t.equal(username, '1767229200:anna')
})

t.test('gives each server the same credentials, and each person others', async t => {
  const urls = ['turn:a.test:3478', 'turns:b.test:5349?transport=tcp']
  const servers = turnServers({ urls, secret: SECRET }, 'anna', NOW, 60_000)
  t.same(
    servers,
    urls.map(url => ({ url, ...turnCredentials(SECRET, 'anna', NOW, 60_000) })),
  )
  t.not(turnCredentials(SECRET, 'ben', NOW).credential, turnCredentials(SECRET, 'anna', NOW).credential)
  t.not(turnCredentials('other', 'anna', NOW).credential, turnCredentials(SECRET, 'anna', NOW).credential)
})
