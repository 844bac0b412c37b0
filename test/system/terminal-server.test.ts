/** What a person is told of a server that is not there, is no server, or goes away: exit code 3, why, and what to do. */
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { only } from '../lab/event.js'
import { freePort, Lab, type Peer } from '../lab/lab.js'

const lab = new Lab()
t.teardown(() => lab.close())
t.jobs = 8

const QUIET = ['--mic', 'none', '--speaker', 'none']

function call(server: string, args: string[] = ['--json']): Peer {
  return lab.peer(['--id', 'ABC', '--to', 'XYZ', '--server', server, ...QUIET, ...args], { name: `ABC at ${server}` })
}

/** Listens on a free port of loopback until the tests end. */
async function at(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function websocketServer(greeting: string | null): Server {
  const http = createHttpServer()
  new WebSocketServer({ server: http }).on('connection', socket => {
    if (greeting !== null) socket.send(greeting)
  })
  return http
}

const places: Readonly<
  Record<string, { readonly url: () => Promise<string>; readonly why: RegExp; readonly code?: number }>
> = {
  'a port where nothing listens': {
    url: async () => `ws://127.0.0.1:${await freePort()}`,
    why: /cannot be reached: nothing answers at that address and port\. Check the address/,
  },
  'a host that does not exist': {
    url: async () => 'ws://nosuchhost.invalid:9001',
    why: /cannot be reached: there is no such host\. Check the address/,
  },
  'a web server': {
    url: () => at(createHttpServer((_, response) => response.end('<h1>It works!</h1>'))),
    why: /cannot be reached: what answers there is no VoiceChat server\. Check the address/,
  },
  'a server that answers garbage': {
    url: () => at(createServer(socket => socket.end('220 mail.example.org ESMTP\r\n\r\n'))),
    why: /cannot be reached: what answers there is no VoiceChat server\. Check the address/,
  },
  'a server that hangs up': {
    url: () => at(createServer(socket => socket.destroy())),
    why: /cannot be reached: whatever answers there hangs up at once\. Check the address/,
  },
  'a server that says nothing at all': {
    url: () => at(createServer()),
    why: /cannot be reached: it does not answer\. Check the address/,
  },
  'a websocket that says nothing at all': {
    url: () => at(websocketServer(null)),
    why: /cannot be reached: it does not answer\. Check the address/,
  },
  'TLS where there is none': {
    url: async () => (await at(createHttpServer())).replace('ws:', 'wss:'),
    why: /cannot be reached: .*TLS.*ws:.* Check the address/,
  },
  'a websocket of something else': {
    url: () => at(websocketServer('hello')),
    why: /no VoiceChat server, or one of another version: check the address/,
    code: 4,
  },
  'a server of another version': {
    url: () =>
      at(websocketServer(JSON.stringify({ type: 'challenge', v: 99, challenge: 'A'.repeat(43), server: 'x' }))),
    why: /version 99 of the protocol, this program 1: update/,
    code: 4,
  },
}

for (const [name, { url, why, code = 3 }] of Object.entries(places)) {
  t.test(`explains ${name}`, async t => {
    const peer = call(await url())
    t.equal((await peer.exit(30_000)).code, code)
    const errors = only('error', peer.events)
    t.equal(errors.length, 1)
    t.match(`${errors[0]?.message} ${errors[0]?.hint}`, why)
    t.same([peer.strays, peer.stderr], [[], ''])
  })
}

t.test('says the same to people, on one line', async t => {
  const port = await freePort()
  const peer = call(`127.0.0.1:${port}`, [])
  t.equal((await peer.exit(30_000)).code, 3)
  t.match(peer.strays, [`Connecting to ws://127.0.0.1:${port} ...`, /cannot be reached: nothing answers.*Check/])
  t.equal(peer.strays.length, 2)
  t.equal(peer.stderr, '')
})

t.test('hangs up at once while it still looks for the server', async t => {
  const peer = call(`ws://127.0.0.1:${await freePort()}`)
  await peer.event(event => event.event === 'state' && event.state === 'connecting')
  peer.kill('SIGINT')
  t.same(await peer.exit(3000), { code: 0, signal: null })
})

t.test('does not blame the other side alone when --wait is over before the server was reached', async t => {
  const peer = call(`ws://127.0.0.1:${await freePort()}`, ['--json', '--wait', '1'])
  t.equal((await peer.exit(30_000)).code, 8)
  t.match(only('error', peer.events), [{ name: 'nobodyCame', message: /cannot be reached: nothing answers/ }])
})

t.test('tells both when the server dies in the middle of a call and stays away', async t => {
  const server = await lab.server()
  const side = (id: string, to: string) =>
    lab.peer(['--id', id, '--to', to, '--server', server.url, ...QUIET, '--json'], { name: id })
  const sides = [side('ABC', 'XYZ'), side('XYZ', 'ABC')]
  await Promise.all(
    sides.map(peer => peer.event(event => event.event === 'state' && event.state === 'talking', 20_000)),
  )
  server.kill()
  for (const peer of sides) {
    await peer.event(event => event.event === 'state' && event.reason === 'silent')
    t.equal((await peer.exit(45_000)).code, 3)
    t.match(only('error', peer.events), [{ name: 'serverLost', message: /cannot be reached: nothing answers/ }])
  }
})
