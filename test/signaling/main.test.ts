import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Authority } from '../lab/authority.js'
import { realCall, WsClient } from './ws-client.js'

const program = fileURLToPath(new URL('../../signaling/main.js', import.meta.url))

/** Runs `voicechat-server`; its output is kept. */
function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...env } })
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    out.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    out.stderr += chunk
  })
  const exit = once(child, 'close').then(([code]) => code as number | null)
  return { child, out, exit }
}

/** Waits for the line that says where it listens. */
async function listening({ child, out }: { child: ChildProcess; out: { stdout: string } }): Promise<number> {
  for (;;) {
    const line = out.stdout.split('\n').find(text => text.includes('"listening"'))
    if (line) return JSON.parse(line).port
    if (child.exitCode !== null) throw new Error('it ended')
    await once(child.stdout!, 'data')
  }
}

t.test('serves a call, says who is connected, ends on SIGTERM with exit code 0', async t => {
  const server = run(['--port', '0', '--host', '127.0.0.1'])
  t.teardown(() => server.child.kill('SIGKILL'))
  const port = await listening(server)
  const { a } = await realCall(`ws://127.0.0.1:${port}`, 'Anna', 'Ben')
  server.child.kill('SIGTERM')
  await a.next('restarting')
  t.equal(await server.exit, 0)
  t.match(server.out.stdout, '"establishing connection"')
  for (const line of server.out.stdout.trim().split('\n')) t.equal(typeof JSON.parse(line).msg, 'string')
  t.match(server.out.stderr, `ws://localhost:${port}`.replace('localhost', '127.0.0.1'), 'a banner for people')
})

t.test('ends on SIGINT with exit code 0', async t => {
  const server = run([], {
    VOICECHAT_PORT: '0',
    VOICECHAT_HOST: '127.0.0.1',
    VOICECHAT_PUBLIC_URL: 'wss://a.test,wss://b.test',
  })
  t.teardown(() => server.child.kill('SIGKILL'))
  await listening(server)
  server.child.kill('SIGINT')
  t.equal(await server.exit, 0)
  t.match(server.out.stdout, '"urls":["wss://a.test","wss://b.test"', 'the environment counts')
})

t.test('offers STUN and TURN as it is told, by options and by the environment', async t => {
  const dir = t.testdir({ secret: ' north-wind\n' })
  const host = ['--port', '0', '--host', '127.0.0.1']
  const urls = ['turn:voice.test:3478', 'turns:voice.test:5349?transport=tcp']
  const secret = `${dir}/secret`
  for (const [args, env, stun] of [
    [['--stun-port', 'off', ...urls.flatMap(url => ['--turn', url]), '--turn-secret-file', secret], {}, false],
    [[], { VOICECHAT_STUN_PORT: '0', VOICECHAT_TURN: urls.join(), VOICECHAT_TURN_SECRET_FILE: secret }, true],
  ] as const) {
    const server = run([...host, ...args], env)
    t.teardown(() => server.child.kill('SIGKILL'))
    const a = await WsClient.online(`ws://127.0.0.1:${await listening(server)}`, 'a')
    const ice = await a.next('ice')
    t.equal(ice.stunPort !== null, stun)
    const { username } = ice.turn[0]!
    const credential = createHmac('sha1', 'north-wind').update(username).digest('base64')
    t.same(
      ice.turn,
      urls.map(url => ({ url, username, credential })),
    )
    t.notMatch(server.out.stdout + server.out.stderr, /north-wind/)
    server.child.kill('SIGINT')
    await server.exit
  }
})

t.test('is told by a file what it is, and prints it without serving', async t => {
  const dir = t.testdir({ conf: 'host = 127.0.0.1\nstun-port = off\nstate-dir = state\n\nprivate = yes\n' })
  const env = { VOICECHAT_CONFIG: `${dir}/conf`, VOICECHAT_PORT: '0' }
  const asked = run(['--no-private', '--print-config'], env)
  t.equal(await asked.exit, 0)
  t.match(asked.out, {
    stdout: `:3: where to keep who holds which id, and who is a member\nstate-dir = ${dir}/state`,
    stderr: '',
  })
  t.match(asked.out.stdout, 'private = false\n')
  writeFileSync(`${dir}/printed`, asked.out.stdout)
  const server = run(['--config', `${dir}/printed`, '--private'])
  t.teardown(() => server.child.kill('SIGKILL'))
  await listening(server)
  t.match(server.out.stdout, /"stunPort":null,.*"private":true/)
  t.match(server.out.stderr, `Settings of ${dir}/printed are in force`)
  server.child.kill('SIGINT')
  t.equal(await server.exit, 0)
  const invited = run(['invite', '--id', 'ABC'], env)
  t.equal(await invited.exit, 0)
  t.match(invited.out.stdout, '--invitation', 'the state folder is the one of the file')
})

t.test('says how to dial it by its URL in a cluster, which remembers ids', async t => {
  const cluster = ['--cluster', 'nats://127.0.0.1:1', '--cluster-url', 'wss://one.test']
  const server = run([...cluster, '--port', '0', '--host', '127.0.0.1'])
  t.teardown(() => server.child.kill('SIGKILL'))
  await listening(server)
  server.child.kill('SIGINT')
  t.equal(await server.exit, 0)
  t.match(server.out.stderr, 'voicechat-peer --server wss://one.test --id ABC')
  t.notMatch(server.out.stderr, 'forgotten')
})

t.test('says how to dial it by its certificate, and so do its invitations', async t => {
  const { cert, key } = new Authority().issue({ names: ['voice.test', '127.0.0.1'] })
  const dir = t.testdir({ cert, key })
  const tls = ['--tls-cert', `${dir}/cert`, '--tls-key', `${dir}/key`, '--state-dir', `${dir}/state`]
  const server = run([...tls, '--port', '0', '--host', '127.0.0.1'])
  t.teardown(() => server.child.kill('SIGKILL'))
  const port = await listening(server)
  server.child.kill('SIGTERM')
  t.equal(await server.exit, 0)
  t.match(server.out.stderr, `voicechat-peer --server wss://voice.test:${port} --id ABC`)
  const invited = run(['invite', '--port', '443', ...tls])
  t.equal(await invited.exit, 0)
  t.match(invited.out.stdout, 'voicechat-peer --server wss://voice.test --id')
})

t.test('ends with a sentence, a hint and a code, without a stack trace', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const udp = createSocket('udp4').bind(0, '127.0.0.1')
  await once(udp, 'listening')
  t.teardown(() => udp.close())
  const dir = t.testdir({ file: '', secret: 'north-wind\n', conf: 'port = 0\nmax-sockets = many\nhots = x\n' })
  const turn = ['--turn', 'turn:voice.test:3478']
  const secret = ['--turn-secret-file', `${dir}/secret`]
  const table: [code: number, says: RegExp, args: string[]][] = [
    [2, /unknown option '--colour'/, ['--colour']],
    [2, /A port is a number/, ['--port', 'nine']],
    [2, /A port is a number/, ['--port', '70000']],
    [2, /"now" is no command\. There are: invite, members/, ['now']],
    [2, /remember whom it let in\. .* --state-dir/, ['--private']],
    [
      2,
      /access file .*none cannot be read: it is not there\. Correct/,
      ['--port', '0', '--access-file', `${dir}/none`],
    ],
    [2, /access file .*secret is damaged\. Line 1 begins with no key.*\. Correct/, ['--access-file', `${dir}/secret`]],
    [2, /--state-dir/, ['invite']],
    [2, /Remove whom\? /, ['members', 'remove', '--state-dir', `${dir}/state`]],
    [2, /"anna" is no member\. /, ['members', 'remove', 'anna', '--state-dir', `${dir}/state`]],
    [2, /"dance" is nothing/, ['members', 'dance', '--state-dir', `${dir}/state`]],
    [2, /'http:\/\/x' is invalid\. It is a websocket address/, ['--public-url', 'http://x']],
    [2, /state directory .* Name a directory/, ['--port', '0', '--state-dir', `${dir}/file`]],
    [2, /not an address of this machine/, ['--host', '192.0.2.1']],
    [3, /is in use by another program\. .* --port/, ['--host', '127.0.0.1', '--port', String(port)]],
    [2, /The STUN port is a number .*, or off/, ['--stun-port', 'on']],
    [2, /'turn:voice\.test' is invalid\. It is turn:host:port/, ['--turn', 'turn:voice.test', ...secret]],
    [2, /'http:\/\/x:1' is invalid\. It is turn:/, [...turn, '--turn', 'http://x:1', ...secret]],
    [2, /Write a port, or an address and a port/, ['--metrics-listen', '10.0.0.5']],
    [
      3,
      /can't listen at 192\.0\.2\.1, port 9464, .* --metrics-listen/,
      ['--port', '0', '--metrics-listen', '192.0.2.1:9464'],
    ],
    [2, /no secret .* --turn-secret-file/, turn],
    [2, /no TURN server\. .* --turn,/, secret],
    [2, /secret can't be read: .* --turn-secret-file/, [...turn, '--turn-secret-file', `${dir}/none`]],
    [2, /secret can't be read: /, [...turn, '--turn-secret-file', dir]],
    [2, /secret is empty\. Use/, [...turn, '--turn-secret-file', `${dir}/file`]],
    [
      3,
      /UDP port \d+ is in use by another program\. .* --stun-port off/,
      ['--host', '127.0.0.1', '--port', '0', '--stun-port', String(udp.address().port)],
    ],
    [
      2,
      /^\S+conf:2: max-sockets: It is a whole number from 2 to 1000000, not "many"\.\n\S+conf:3: "hots" is no setting\. Did you mean "host"\?\nCorrect .*\n$/,
      ['--config', `${dir}/conf`],
    ],
    [2, /none cannot be read: it is not there\. Name another with --config/, ['--config', `${dir}/none`]],
    [2, /conf:2/, ['members', '--config', `${dir}/conf`]],
    [2, /certificate was given, and no key\. .* --tls-key/, ['--tls-cert', `${dir}/file`]],
    [2, /no certificate\. .* --tls-cert/, ['--tls-key', `${dir}/file`]],
    [
      2,
      /file holds no certificate as PEM\. .* --tls-cert/,
      ['--port', '0', '--tls-cert', `${dir}/file`, '--tls-key', `${dir}/file`],
    ],
    [0, /^$/, ['--version']],
    [0, /^$/, ['--help']],
  ]
  const results = await Promise.all(
    table.map(async ([code, says, args]) => {
      const { exit, out } = run(args)
      return { args, code, says, exit: await exit, ...out }
    }),
  )
  for (const { args, code, says, exit, stderr } of results) {
    t.equal(exit, code, args.join(' '))
    t.match(stderr, says)
    t.notMatch(stderr, /\n\s+at /)
  }
})
