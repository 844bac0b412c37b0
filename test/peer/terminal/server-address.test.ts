import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, type Server, createServer as tcpServer } from 'node:net'
import t, { type Test } from 'tap'
import { CommandProblem } from '../../../peer/terminal/problem.js'
import { isVoiceChat, listens, localPort, serverUrl, urlForOthers } from '../../../peer/terminal/server-address.js'
import { startServer } from '../../../signaling/index.js'

async function listening(t: Test, server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A port that nothing listens on. */
async function unusedPort(): Promise<number> {
  const server = tcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function problem(ask: () => unknown): CommandProblem {
  try {
    ask()
  } catch (error) {
    if (error instanceof CommandProblem) return error
    throw error
  }
  throw new Error('no problem')
}

t.test('takes a server as people write it', async t => {
  const cases: [string, string][] = [
    ['ws://server.test:9001', 'ws://server.test:9001/'],
    ['wss://server.test', 'wss://server.test/'],
    ['WSS://Server.Test/voice', 'wss://server.test/voice'],
    ['http://server.test:9001/', 'ws://server.test:9001/'],
    ['https://server.test', 'wss://server.test/'],
    ['server.test', 'ws://server.test:9001/'],
    ['server.test:8080', 'ws://server.test:8080/'],
    ['server.test/voice', 'ws://server.test:9001/voice'],
    ['server.test:8080/', 'ws://server.test:8080/'],
    ['192.168.1.7', 'ws://192.168.1.7:9001/'],
    ['[::1]', 'ws://[::1]:9001/'],
    ['[::1]:8080', 'ws://[::1]:8080/'],
    ['localhost', 'ws://localhost:9001/'],
  ]
  for (const [text, url] of cases) t.equal(serverUrl(text), url, text)
})

t.test('refuses what is no server', async t => {
  const wrong = [
    '',
    ' ',
    'ftp://server.test',
    'file:///etc/passwd',
    'ws://',
    'ws://user:password@server.test',
    'ws://:password@server.test',
    'ws://server.test#part',
    'server.test:99999',
    'two words',
    '::1',
  ]
  for (const text of wrong) {
    const { name, message, hint, exitCode } = problem(() => serverUrl(text))
    t.match({ name, exitCode }, { name: 'badServer', exitCode: 2 }, text)
    t.ok(message.includes(`"${text}"`))
    t.match(hint, /ws:\/\/example\.org:9001/)
  }
})

t.test('takes the port of this machine from the environment', async t => {
  t.equal(localPort({}), 9001)
  t.equal(localPort({ VOICECHAT_PORT: '' }), 9001)
  t.equal(localPort({ VOICECHAT_PORT: '8080' }), 8080)
  for (const text of ['0', '65536', '-1', '80a', ' 80', '1e3', '0x50', '9001.5']) {
    t.match(
      problem(() => localPort({ VOICECHAT_PORT: text })),
      { name: 'badPort', exitCode: 2 },
      text,
    )
  }
})

t.test('finds out whether anything listens', async t => {
  const port = await listening(t, tcpServer())
  t.equal(await listens(`ws://127.0.0.1:${port}/`), true)
  t.equal(await listens(`ws://localhost:${port}/`), true)
  t.equal(await listens(`ws://127.0.0.1:${await unusedPort()}/`), false)
})

t.test('knows a VoiceChat server from another program', async t => {
  const server = await startServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  t.equal(await isVoiceChat(server.port), true)
  const answers: RequestListener[] = [
    (_request, response) => response.end('<html>'),
    (_request, response) => response.end('null'),
    (_request, response) => response.end('{"status":"ok"}'),
    (request, _response) => request.destroy(),
  ]
  for (const answer of answers) t.equal(await isVoiceChat(await listening(t, createServer(answer))), false)
  t.equal(await isVoiceChat(await unusedPort()), false)
})

t.test('writes the address as others would dial it', async t => {
  const port = await listening(t, tcpServer(), '0.0.0.0')
  // 127.0.0.2 stands for the address in the local network: on Linux all of 127/8 is this machine.
  const lan = '127.0.0.2'
  const reachable = await listens(`ws://${lan}:${port}/`)
  for (const own of ['localhost', '127.0.0.1'])
    t.equal(await urlForOthers(`ws://${own}:${port}/`, lan), `ws://${reachable ? lan : own}:${port}/`)
  t.equal(await urlForOthers(`ws://localhost:${port}/`, undefined), `ws://localhost:${port}/`, 'no network')
  t.equal(await urlForOthers('wss://server.test/', lan), 'wss://server.test/', 'not this machine')
  const alone = await listening(t, tcpServer(), '127.0.0.1')
  t.equal(await urlForOthers(`ws://localhost:${alone}/`, lan), `ws://localhost:${alone}/`, 'for this machine alone')
})
