import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Server, createServer as tcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { dialWebSocket, proxyFor } from '../../../peer/signaling/websocket.js'
import { MAX_MESSAGE_BYTES } from '../../../protocol/signaling.js'
import type { Socket } from '../../../protocol/socket.js'
import { Authority, selfSigned } from '../../lab/authority.js'

const VARIABLES = ['http_proxy', 'https_proxy', 'ws_proxy', 'wss_proxy', 'all_proxy', 'no_proxy']

/** The proxy variables for one test, and no others. */
function environment(t: Test, variables: Record<string, string> = {}): void {
  for (const name of VARIABLES.flatMap(name => [name, name.toUpperCase(), `npm_config_${name}`])) {
    const before = process.env[name]
    delete process.env[name]
    if (variables[name] !== undefined) process.env[name] = variables[name]
    t.teardown(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A server that sends back what comes, and says which paths and extensions were asked for. */
async function echoServer(t: Test) {
  const requests: IncomingMessage[] = []
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true })
  await once(sockets, 'listening')
  sockets.on('connection', (socket, request) => {
    requests.push(request)
    socket.on('message', (data, isBinary) => {
      if (isBinary || String(data) !== 'close') socket.send(data, { binary: isBinary })
      else socket.close(4001, 'replaced')
    })
    socket.on('error', () => {})
  })
  t.teardown(() => {
    for (const client of sockets.clients) client.terminate()
    sockets.close()
  })
  return { port: (sockets.address() as AddressInfo).port, requests, sockets }
}

/** A proxy that tunnels to `port` on this machine, whatever host it is asked for, or answers with `status`. */
async function connectProxy(t: Test, port: number, status = 200) {
  const targets: string[] = []
  const open = new Set<Duplex>()
  const http = createServer((_request, response) => response.writeHead(501).end())
  http.on('connect', (request, socket: Duplex) => {
    targets.push(request.url ?? '')
    open.add(socket)
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
    const far = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    open.add(far)
    for (const end of [socket, far]) end.on('error', () => {})
  })
  const url = `http://127.0.0.1:${await listening(http)}`
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    http.close()
  })
  return { url, targets }
}

const closed = (socket: Socket) =>
  new Promise<{ code: number; why: string }>(resolve => {
    socket.onClose = (code, why) => resolve({ code, why })
  })

const message = (socket: Socket) =>
  new Promise<string | Uint8Array>(resolve => {
    socket.onMessage = resolve
  })

/** Says `data` as soon as the socket is open. There is no event for that: the server speaks first in this protocol. */
async function say(server: { sockets: WebSocketServer }, data: string | Uint8Array, socket: Socket) {
  if (server.sockets.clients.size === 0) await once(server.sockets, 'connection')
  for (const client of server.sockets.clients) client.send('hello')
  await message(socket)
  const answer = message(socket)
  socket.send(data)
  return answer
}

t.test('carries text and bytes', async t => {
  environment(t)
  const server = await echoServer(t)
  const socket = dialWebSocket(`ws://127.0.0.1:${server.port}/`)
  t.equal(await say(server, 'grüezi', socket), 'grüezi')
  t.same(new Uint8Array((await say(server, Uint8Array.of(1, 2, 255), socket)) as Uint8Array), Uint8Array.of(1, 2, 255))
  t.equal(server.requests[0]?.headers['sec-websocket-extensions'], undefined, 'asks for no compression')
  const end = closed(socket)
  socket.close(1000, 'bye')
  t.match(await end, { code: 1000 })
  socket.send('too late')
})

t.test('says how the server closed', async t => {
  environment(t)
  const server = await echoServer(t)
  const socket = dialWebSocket(`ws://127.0.0.1:${server.port}/`)
  const end = closed(socket)
  await Promise.race([say(server, 'close', socket), end])
  t.same(await end, { code: 4001, why: 'replaced' })
})

t.test('drops the connection at once', async t => {
  environment(t)
  const server = await echoServer(t)
  const socket = dialWebSocket(`ws://127.0.0.1:${server.port}/`)
  await say(server, 'x', socket)
  const end = closed(socket)
  socket.terminate()
  t.match(await end, { code: 1006 })
})

t.test('may be given up before it is open, and says so', async t => {
  environment(t)
  const server = await echoServer(t)
  for (const give of ['close', 'terminate'] as const) {
    const socket = dialWebSocket(`ws://127.0.0.1:${server.port}/`)
    socket.send('too early')
    const end = closed(socket)
    socket[give]()
    t.match(await end, { code: 1006 }, give)
  }
})

t.test('takes no message that is too long', async t => {
  environment(t)
  const server = await echoServer(t)
  const socket = dialWebSocket(`ws://127.0.0.1:${server.port}/`)
  await say(server, 'x'.repeat(MAX_MESSAGE_BYTES), socket)
  const end = closed(socket)
  for (const client of server.sockets.clients) client.send('x'.repeat(MAX_MESSAGE_BYTES + 1))
  t.match(await end, { code: 1006 })
})

t.test('explains what went wrong', async t => {
  environment(t)
  const unused = tcpServer()
  const port = await listening(unused)
  unused.close()
  t.match(await closed(dialWebSocket(`ws://127.0.0.1:${port}`)), { why: 'nothing answers at that address and port' })
  const told: string[] = []
  const byName = dialWebSocket(`ws://localhost:${port}`, why => told.push(why))
  t.match(await closed(byName), { why: 'nothing answers at that address and port' })
  t.same(told, ['nothing answers at that address and port'])
  const web = createServer((_request, response) => response.writeHead(200).end('<html>'))
  const webPort = await listening(web)
  t.teardown(() => web.close())
  t.match(await closed(dialWebSocket(`wss://127.0.0.1:${webPort}`)), { why: /does not speak TLS/ })
  const rude = tcpServer(socket => socket.destroy())
  const rudePort = await listening(rude)
  t.teardown(() => rude.close())
  t.match(await closed(dialWebSocket(`ws://127.0.0.1:${rudePort}`)), { why: 'whatever answers there hangs up at once' })
  t.match(await closed(dialWebSocket(`ws://127.0.0.1:${webPort}`)), {
    code: 1006,
    why: 'what answers there is no VoiceChat server',
  })
})

t.test('explains what is wrong with a certificate', async t => {
  environment(t)
  const known = new Authority()
  const [day, now] = [86_400_000, Date.now()]
  const names = ['127.0.0.1']
  // What Node trusts beside its own authorities it reads when it starts: here the context of one dialling is as good.
  const createContext = tls.createSecureContext
  t.teardown(() => {
    tls.createSecureContext = createContext
  })
  tls.createSecureContext = options => {
    const context = createContext(options)
    context.context.addCACert(known.cert)
    return context
  }
  for (const [issued, says] of [
    [selfSigned({ names }), /its certificate is self-signed.* NODE_EXTRA_CA_CERTS/],
    [new Authority('Elsewhere').issue({ names }), /from an authority that is not known here/],
    [known.issue({ names, from: now - 9 * day, until: now - day }), /its certificate has ended/],
    [known.issue({ names, from: now + day, until: now + 9 * day }), /is not good yet: is this machine's clock right/],
    [
      known.issue({ names: ['voice.test', '192.0.2.7'] }),
      /^its certificate is for another name \(voice\.test, 192\.0\.2\.7\)$/,
    ],
  ] as const) {
    const server = tls.createServer(issued)
    const port = await listening(server)
    t.match(await closed(dialWebSocket(`wss://127.0.0.1:${port}`)), { code: 1006, why: says })
    server.close()
  }
  const alone = tcpServer(socket => socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n'))
  const port = await listening(alone)
  t.teardown(() => alone.close())
  t.match(await closed(dialWebSocket(`ws://127.0.0.1:${port}`)), {
    why: /speaks TLS alone: write wss: in place of ws:/,
  })
})

t.test('goes through the proxy of HTTPS_PROXY', async t => {
  const server = await echoServer(t)
  const proxy = await connectProxy(t, server.port)
  environment(t, { HTTPS_PROXY: proxy.url })
  const socket = dialWebSocket('ws://server.test:9001/')
  t.equal(await say(server, 'through', socket), 'through')
  t.same(proxy.targets, ['server.test:9001'])
  socket.terminate()
})

t.test('names the proxy where one is in between, without its password', async t => {
  const proxy = await connectProxy(t, 1, 403)
  const { host } = new URL(proxy.url)
  environment(t, { https_proxy: proxy.url.replace('//', '//user:secret@') })
  const refused = await closed(dialWebSocket('ws://server.test:9001/'))
  t.match(refused, { code: 1006, why: new RegExp(`over the proxy ${host}\\)$`) })
  t.notMatch(refused.why, /secret/)
  t.same(proxy.targets, ['server.test:9001'])
})

t.test('says so when the proxy of the environment is no URL', async t => {
  environment(t, { HTTPS_PROXY: 'http://[proxy' })
  const why = 'the proxy that HTTPS_PROXY names is not a URL'
  const told: string[] = []
  t.same(await closed(dialWebSocket('ws://server.test:9001/', problem => told.push(problem))), { code: 1006, why })
  t.same(told, [why])
})

t.test('chooses a proxy by the environment', async t => {
  const proxy = 'http://proxy.test:3128'
  const cases: [Record<string, string>, string, string][] = [
    [{}, 'wss://server.test', ''],
    [{ HTTPS_PROXY: proxy }, 'wss://server.test', proxy],
    [{ https_proxy: proxy }, 'ws://server.test:9001', proxy],
    [{ HTTP_PROXY: proxy }, 'ws://server.test:9001', ''],
    [{ ALL_PROXY: proxy }, 'ws://server.test:9001', proxy],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'server.test' }, 'wss://server.test', ''],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '.test' }, 'ws://server.test:9001', ''],
    [{ HTTPS_PROXY: proxy, no_proxy: '*' }, 'ws://server.test:9001', ''],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'other.test' }, 'ws://server.test:9001', proxy],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'server.test:9001' }, 'ws://server.test:9001', ''],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'server.test:80' }, 'ws://server.test:9001', proxy],
  ]
  for (const [variables, url, expected] of cases) {
    await t.test(`${url} with ${JSON.stringify(variables)}`, async t => {
      environment(t, variables)
      t.equal(proxyFor(url), expected)
    })
  }
})

t.test('never goes through a proxy to this machine itself', async t => {
  environment(t, { HTTPS_PROXY: 'http://proxy.test:3128' })
  for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.1', '[::1]', '[0:0:0:0:0:0:0:1]'])
    t.equal(proxyFor(`ws://${host}:9001/`), '', host)
  t.equal(proxyFor('ws://localhost.test:9001/'), 'http://proxy.test:3128')
})

t.test('a message that someone waits for is followed by pings, the next by its own', async t => {
  environment(t)
  const server = await echoServer(t)
  const socket = dialWebSocket(`ws://127.0.0.1:${server.port}/`)
  await say(server, 'hello', socket)
  const [client] = server.sockets.clients
  let pings = 0
  const four = new Promise<void>(resolve => client!.on('ping', () => ++pings === 4 && resolve()))
  socket.chase?.()
  socket.chase?.()
  await four
  await new Promise(resolve => setTimeout(resolve, 200))
  t.equal(pings, 4, 'those of the first are left out')
  socket.terminate()
  socket.chase?.()
})
