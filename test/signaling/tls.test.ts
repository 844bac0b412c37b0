/** TLS of the server itself: who it is, how it is reached, what it bears, and its next certificate. */
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { RelayLeg } from '../../protocol/relay-leg.js'
import { startServer } from '../../signaling/server.js'
import type { ServerOptions } from '../../signaling/server-options.js'
import { Authority, type Issued } from '../lab/authority.js'
import { legFrame } from '../leg-message.js'
import { loginText, newIdentity, newSession } from './fake-client.js'
import { realCall, WsClient } from './ws-client.js'

const authority = new Authority()
const NAMES = ['voice.test', 'localhost', '127.0.0.1']
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'

async function serve(t: Test, options: ServerOptions = {}, issued = authority.issue({ names: NAMES })) {
  const folder = t.testdir()
  const [tlsCert, tlsKey] = ['cert', 'key'].map(name => join(folder, name)) as [string, string]
  const put = ({ cert, key }: Issued) => {
    // As an installer does it: whole files take the place of others.
    for (const [path, text] of [
      [tlsCert, cert],
      [tlsKey, key],
    ] as const) {
      writeFileSync(`${path}.new`, text)
      renameSync(`${path}.new`, path)
    }
  }
  put(issued)
  const said: string[] = []
  const note = (fields: object, message: string) => void said.push(`${message} ${JSON.stringify(fields)}`)
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    stunPort: null,
    tlsCert,
    tlsKey,
    log: { info: note, warn: note, error: note },
    ...options,
  })
  t.teardown(() => server.close())
  const { port } = server
  const raw = (from = '127.0.0.1') => {
    const socket = connectTcp({ port, host: '127.0.0.1', localAddress: from })
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    return socket
  }
  const secure = (more: ConnectionOptions = {}) => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, ...more })
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    return socket
  }
  const url = `wss://localhost:${port}`
  return { server, port, url, raw, secure, put, said, tlsCert }
}

/** All that comes until the other side ends it. */
async function heard(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  await new Promise<void>(resolve => socket.once('close', () => resolve()))
  return text
}

/** The serial number of the certificate that a new connection meets. */
async function serial(secure: () => TLSSocket): Promise<string> {
  const socket = secure()
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

/** Frames from one side of a call to the other, each as soon as the one before was heard: that none is missing is seen at once. */
function steadyVoice(from: WsClient, to: WsClient) {
  const heard: number[] = []
  let going = true
  const leg = (side: WsClient, deliver: (payload: Uint8Array) => void) => {
    const leg = new RelayLeg({ now: () => performance.now(), transmit: bytes => side.socket.send(bytes), deliver })
    side.socket.on('message', (data: Buffer, isBinary: boolean) => isBinary && leg.receive(data))
    return leg
  }
  const mouth = leg(from, () => {})
  const say = (n: number) => mouth.send(Uint8Array.of(n >> 8, n & 255))
  leg(to, payload => {
    heard.push(payload[0]! * 256 + payload[1]!)
    if (going) setTimeout(say, 5, heard.length)
  })
  say(0)
  const stop = () => {
    going = false
    return heard
  }
  return { heard, stop }
}

t.test('carries a call over wss:, by name and by address', async t => {
  const { url, server } = await serve(t)
  const { a, b, callId } = await realCall(url, 'a', 'b', authority.cert)
  a.say({ type: 'pass', callId, data: 'aGVsbG8' })
  t.equal((await b.next('pass')).data, 'aGVsbG8')
  for (let i = 0; i < 5; i++) a.socket.send(legFrame(i, [42, i]))
  await b.until(() => b.binary.length === 5)
  t.same(b.binary[4], Buffer.from(legFrame(4, [42, 4])))
  const byAddress = `wss://127.0.0.1:${server.port}`
  const c = await WsClient.online(byAddress, 'c', newIdentity(), newSession(), undefined, {}, { ca: authority.cert })
  t.ok(c.has('online'))
  const health = (await serve(t)).secure()
  health.write(HEALTH)
  t.match(await heard(health), /^HTTP\/1\.1 200 .*"status":"ok"/s)
})

t.test('answers to the names of its certificate, with wss: alone', async t => {
  const { server, url, port } = await serve(t, { publicUrls: ['wss://public.test'] })
  t.same(server.urls.slice(0, 3), ['wss://public.test', `wss://voice.test:${port}`, `wss://localhost:${port}`])
  t.ok(server.urls.every(each => each.startsWith('wss:')))
  for (const [origin, type] of [
    [`wss://voice.test:${port}`, 'online'],
    [`wss://127.0.0.1:${port}`, 'online'],
    ['wss://public.test', 'online'],
    [`ws://localhost:${port}`, 'refused'],
    ['wss://voice.test', 'refused'],
    [`wss://other.test:${port}`, 'refused'],
  ] as const) {
    const client = await WsClient.open(url, undefined, {}, { ca: authority.cert })
    const first = await client.next('challenge')
    client.socket.send(loginText(first.challenge, { id: `id${origin.length}`, origin }))
    await client.until(() => client.heard.length > 0)
    t.equal(client.heard[0]?.type, type, origin)
  }
})

t.test('speaks TLS 1.2 with forward secrecy at least, and begins nothing anew', async t => {
  const { secure } = await serve(t, { limits: { headMs: 2_000 } })
  const protocol = async (more: ConnectionOptions) => {
    const socket = secure(more)
    const closed = new Promise<string>(resolve => socket.once('close', () => resolve('refused')))
    const open = new Promise<string | null>(resolve =>
      socket.once('secureConnect', () => resolve(socket.getProtocol())),
    )
    return Promise.race([open, closed])
  }
  t.equal(await protocol({}), 'TLSv1.3')
  t.equal(await protocol({ maxVersion: 'TLSv1.2' }), 'TLSv1.2')
  t.equal(await protocol({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'refused')
  t.equal(await protocol({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }), 'refused')
  const old = secure({ maxVersion: 'TLSv1.2' })
  await once(old, 'secureConnect')
  const outcome = await new Promise(resolve => {
    old.once('close', () => resolve('closed'))
    old.renegotiate({}, error => resolve(error ? 'refused' : 'done'))
  })
  t.not(outcome, 'done')
})

t.test('who says nothing, or too little, is cut in time, wherever it stops', async t => {
  const { raw, secure } = await serve(t, { limits: { headMs: 1_500 } })
  const [silent, begun, slow, shaken, dripping] = [raw(), raw(), raw(), secure(), secure()]
  begun.write(Buffer.of(0x16))
  // A handshake of 16 KiB that never comes to its end.
  slow.write(Buffer.of(0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3))
  const drip = setInterval(() => {
    slow.write('x')
    if (dripping.authorized) dripping.write('x')
  }, 20)
  t.teardown(() => clearInterval(drip))
  t.same(await Promise.all([silent, begun, slow, shaken].map(heard)), ['', '', '', ''])
  t.match(await heard(dripping), /^HTTP\/1\.1 408/)
})

t.test('lets one address wait with so many connections, handshakes and all', async t => {
  const { raw, secure } = await serve(t, { limits: { waitingPerAddress: 3 } })
  const waiting = [raw(), raw(), secure()]
  await Promise.all([once(waiting[0]!, 'connect'), once(waiting[1]!, 'connect'), once(waiting[2]!, 'secureConnect')])
  waiting[1]!.write(Buffer.of(0x16))
  t.equal(await heard(raw()), '')
  waiting[2]!.write(HEALTH)
  t.match(await heard(waiting[2]!), /^HTTP\/1\.1 200/)
  await once(secure(), 'secureConnect')
  const other = secure({ socket: raw('127.0.0.2') })
  other.write(HEALTH)
  t.match(await heard(other), /^HTTP\/1\.1 200/)
})

t.test('makes only so many handshakes a minute for one address', async t => {
  const { secure, raw } = await serve(t, { limits: { requestsPerAddressPerMinute: 3 } })
  for (let n = 0; n < 3; n++) await once(secure(), 'secureConnect')
  const refused = secure()
  t.equal(await heard(refused), '')
  t.notOk(refused.authorized)
  await once(secure({ socket: raw('127.0.0.2') }), 'secureConnect')
})

t.test('tells plain HTTP what it speaks, and ends what is no TLS', async t => {
  const { raw } = await serve(t)
  for (const [text, says] of [
    [HEALTH, /^HTTP\/1\.1 426 .*\r\nUpgrade: TLS\/1\.2, HTTP\/1\.1\r\n.*\r\n\r\nThis port speaks TLS alone/s],
    ['\0\0\0', /^HTTP\/1\.1 426/],
    [`\x16${'x'.repeat(400)}`, /^[^H]*$/],
  ] as const) {
    const socket = raw()
    socket.write(text, 'latin1')
    t.match(await heard(socket), says, JSON.stringify(text.slice(0, 9)))
  }
})

t.test('ends a connection whose records are broken after the handshake', async t => {
  const { raw, url } = await serve(t, { limits: { loginMs: 600_000 } })
  const under = raw()
  const socket = connect({ socket: under, host: 'localhost', servername: 'localhost', ca: authority.cert })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  socket.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  await once(socket, 'data')
  const closed = once(under, 'close')
  under.write(Buffer.concat([Buffer.of(0x17, 3, 3, 0, 40), Buffer.alloc(40, 7)]))
  await closed
  const { a } = await realCall(url, 'a', 'b', authority.cert)
  t.equal(a.closed, null, 'others do not notice')
})

t.test('takes up another certificate when it is told; calls go on with what they have', async t => {
  const { server, url, secure, put, said, tlsCert } = await serve(t)
  const { a, b } = await realCall(url, 'a', 'b', authority.cert)
  const voice = steadyVoice(a, b)
  await b.until(() => voice.heard.length > 10)
  const first = await serial(secure)
  put(authority.issue({ names: [...NAMES, 'new.test'] }))
  server.reload()
  const second = await serial(secure)
  t.not(second, first)
  writeFileSync(tlsCert, 'nothing')
  server.reload()
  put({ ...authority.issue({ names: NAMES }), key: authority.issue({ names: NAMES }).key })
  server.reload()
  t.equal(await serial(secure), second, 'what is broken is not taken up')
  t.match(
    said.filter(line => /certificate/.test(line)),
    [
      /^certificate read again \{"names":\["voice.test","localhost","new.test","127.0.0.1"\],"until":"2/,
      /cert holds no certificate as PEM\. The certificate from before stays in use/,
      /key is not that of the certificate .*\. The certificate from before stays in use/,
    ],
  )
  const c = await WsClient.open(url, undefined, {}, { ca: authority.cert })
  const { challenge } = await c.next('challenge')
  c.socket.send(loginText(challenge, { id: 'c', origin: `wss://new.test:${server.port}` }))
  await c.next('online')
  const heardSoFar = voice.heard.length
  await b.until(() => voice.heard.length > heardSoFar + 10)
  t.same(voice.stop(), [...voice.heard.keys()], 'each frame was heard once, in order')
  t.same([a.closed, b.closed], [null, null])
})

t.test('takes it up by itself, once, when both files have changed', async t => {
  const { secure, put, said } = await serve(t)
  const first = await serial(secure)
  put(authority.issue({ names: NAMES }))
  while ((await serial(secure)) === first) await sleep(100)
  await sleep(2500)
  t.same(
    said.filter(line => /certificate/.test(line)).map(line => line.slice(0, 22)),
    ['certificate read again'],
  )
})

t.test('starts with a certificate that has ended, and says so', async t => {
  const { said } = await serve(t, {}, authority.issue({ names: NAMES, from: 0, until: 86_400_000 }))
  t.match(said[0], /ended 1970-01-02: peers refuse it/)
})
