/** A server's whole life, and its log searched for everything secret that went through it. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { toBase64url } from '../../protocol/bytes.js'
import { createIdentity } from '../../protocol/identity.js'
import { encodeInvitation } from '../../protocol/invitation.js'
import { inviteKey } from '../../signaling/invite-key.js'
import { Lab } from '../lab/lab.js'
import { legFrame } from '../leg-message.js'
import { loginText } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'

const lab = new Lab()
t.teardown(() => lab.close())
const random = (length: number) => new Uint8Array(randomBytes(length))
/** Those that come, and what they begin with. */
const ADDRESSES = ['198.51.100.77', '2001:db8:7:8:9:a:b:c']
const PREFIXES = ['198.51.100', '2001:db8', '127.0.0.0']

/** What must not be in a log, by what it is: texts as they are, bytes in the ways in which programs write them. */
class Secrets {
  readonly #forms = new Map<string, string>()

  text(what: string, text: string): string {
    this.#forms.set(text, what)
    return text
  }

  bytes(what: string, bytes: Uint8Array): Uint8Array {
    const buffer = Buffer.from(bytes)
    for (const encoding of ['base64url', 'base64', 'hex'] as const) this.text(what, buffer.toString(encoding))
    this.text(what, [...bytes].join())
    return bytes
  }

  get kinds(): number {
    return new Set(this.#forms.values()).size
  }

  foundIn(log: string): string[] {
    const lower = log.toLowerCase()
    return [...this.#forms].flatMap(([form, what]) => (lower.includes(form.toLowerCase()) ? [`${what}: ${form}`] : []))
  }
}

t.test('a log tells who came and went, and no secret of anyone', { timeout: 60_000 }, async t => {
  const secrets = new Secrets()
  for (const address of [...ADDRESSES, ...PREFIXES]) secrets.text('address', address)
  for (const id of ['ABC', 'XYZ', 'thief']) secrets.text('id', `"${id}"`)
  const turnSecret = secrets.text('TURN secret', 'north-wind-and-sun')
  writeFileSync(lab.path('turn'), turnSecret)
  const stateDir = lab.path('state')
  const key = inviteKey(stateDir)
  secrets.bytes('key for invitations', key.secretKey)
  const turn = ['--turn', 'turn:turn.test:3478', '--turn-secret-file', lab.path('turn')]
  const server = await lab.server({ stateDir, args: ['--private', ...turn] })
  let addresses = 0

  /** Logs in from one address after another, with secrets of its own. */
  const enter = async (id: string, change: Record<string, unknown> = {}) => {
    const headers = { 'x-forwarded-for': ADDRESSES[addresses++ % 2]! }
    const client = await WsClient.open(server.url, undefined, headers)
    const { challenge } = await client.next('challenge')
    secrets.text('challenge', challenge)
    const identity = createIdentity(random)
    secrets.bytes('secret key', identity.secretKey)
    secrets.bytes('key', identity.publicKey)
    const session = toBase64url(secrets.bytes('session', random(16)))
    const login = loginText(challenge, { id, identity, session, origin: server.url, change })
    secrets.text('signature', JSON.parse(login).signature)
    client.socket.send(login)
    await client.until(() => client.has('online') || client.has('refused') || client.has('error'))
    return client
  }
  const token = (change = {}) =>
    secrets.text(
      'invitation',
      encodeInvitation(key, { serial: random(8), ends: Math.floor(Date.now() / 1000) + 600, id: null, ...change }),
    )

  // A call: matched, keys agreed, voice, one falls and comes back, the end.
  const a = await enter('ABC', { invitation: token() })
  const b = await enter('XYZ', { invitation: token({ id: 'XYZ' }) })
  for (const { credential } of (await a.next('ice')).turn) secrets.text('TURN credential', credential)
  a.say({ type: 'call', to: 'XYZ' })
  b.say({ type: 'call', to: 'ABC' })
  const { callId } = await a.next('matched')
  secrets.text('call id', callId)
  await b.next('matched')
  const data = toBase64url(secrets.bytes('handshake', random(190)))
  a.say({ type: 'pass', callId, data })
  await b.next('pass')
  for (let seq = 0; seq < 5; seq++) a.socket.send(legFrame(seq, secrets.bytes('voice', random(120))))
  await b.until(() => b.binary.length === 5)

  // What fails: each kind of login, each kind of message, floods.
  await enter('thief', { invitation: token({ ends: 1 }) })
  await enter('thief', { invitation: secrets.text('forged invitation', toBase64url(random(90))) })
  await enter('thief')
  await enter('thief', { signature: secrets.text('wrong signature', toBase64url(random(64))) })
  await enter('thief', { password: secrets.text('password', 'seven quiet crossovers') })
  await enter('thief', { origin: `ws://x.test/${secrets.text('path', 'with-a-secret-path')}` })
  const sdp = secrets.text('SDP', 'a=fingerprint:sha-256 AB:CD:EF:01')
  a.say({ type: 'pass', callId: toBase64url(random(16)), data })
  a.say({ type: 'offer', sdp })
  a.socket.send(`{"sdp": "${sdp}`)
  await a.until(() => a.heard.filter(({ type }) => type === 'error').length === 3)
  a.socket.send(secrets.text('oversize', toBase64url(random(13_000))))
  await a.untilClosed()
  for (let n = 0; n < 400; n++) b.socket.send(legFrame(n, secrets.bytes('flood', random(120))))
  await b.untilClosed()
  server.kill('SIGHUP')
  t.equal((await server.stop()).code, 0)

  const log = [...server.events.map(event => JSON.stringify(event)), ...server.strays, server.stderr].join('\n')
  t.same(secrets.foundIn(log), [])
  t.ok(secrets.kinds >= 18, `${secrets.kinds} kinds of secrets`)
  for (const told of ['online', 'establishing connection', 'offline', 'new member', 'socket error', 'flood'])
    t.ok(log.includes(told), `it tells ${told}`)
  for (const why of ['notAllowed', 'badLogin', 'badOrigin']) t.ok(log.includes(`"why":"${why}"`), why)
  const probe = new Secrets()
  probe.text('told', 'establishing connection')
  t.equal(probe.foundIn(log).length, 1, 'what is there is found')
})
