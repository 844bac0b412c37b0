/** The Dockerfile and the compose file, as far as that goes without Docker: what they do is done, by a chroot, with the real programs. */
import { spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { turnCredentials } from '../../signaling/turn.js'
import { copyCheckout } from '../lab/checkout.js'
import { coturn } from '../lab/coturn.js'
import { buildAndRun, exec, instructionsOf } from '../lab/dockerfile.js'
import { freePort, Lab } from '../lab/lab.js'
import { WsClient } from '../signaling/ws-client.js'
import { DEPLOY, readCompose } from './compose.js'
import { allocate, permit } from './turn-client.js'

t.setTimeout(290_000)

const DOMAIN = 'voice.example.org'
const SECRET = 'north-wind-over-water'
const lab = new Lab()
t.teardown(() => lab.close())
const instructions = instructionsOf(join(DEPLOY, 'Dockerfile'))
const ignored = readFileSync(join(DEPLOY, 'Dockerfile.dockerignore'), 'utf8').split('\n')
const compose = readCompose({ VOICECHAT_DOMAIN: DOMAIN })
writeFileSync(lab.path('secret'), `${SECRET}\n`)
// The server is another user, to whom Docker gives the file alone.
chmodSync(lab.folder, 0o711)

/** Null, or the reason why no Dockerfile can be followed here. */
function whyNoBuild(): string | null {
  if (process.getuid?.() !== 0) return 'mounts of its own: only as root'
  const mounts =
    'mount -t tmpfs tmpfs /mnt; cd /mnt; mkdir a b c; mount -t overlay overlay -o lowerdir=/,upperdir=a,workdir=b c'
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-ec', mounts], { encoding: 'utf8' })
  return status === 0 ? null : `mounts are not allowed: ${stderr}`
}

t.test(
  'the image builds, its server runs as the compose file starts it, is healthy, and ends when told',
  {
    skip: whyNoBuild() ?? false,
  },
  async t => {
    const context = copyCheckout(lab.path('checkout'))
    rmSync(join(context, 'signaling/deploy'), { recursive: true })
    mkdirSync(lab.path('work'))
    const port = await freePort()
    const args = compose.services.server.command!.map(arg => arg.replace('/run/secrets/turn', lab.path('secret')))
    // Not Docker's: this machine's other servers have the usual port.
    const more = [`--port=${port}`]
    const env = { ...process.env, npm_config_prefer_offline: 'true', work: lab.path('work'), context }
    const script = buildAndRun(instructions)
    const server = spawn('unshare', ['--mount', 'sh', '-euc', script, 'build', ...args, ...more], { env })
    t.teardown(() => server.kill('SIGKILL'))
    let said = ''
    for (const stream of [server.stdout, server.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
    const ended = once(server, 'close')
    while (!said.includes('"listening"')) {
      if (server.exitCode !== null) throw new Error(`it ended:\n${said.slice(-3000)}`)
      await Promise.race([once(server.stdout, 'data'), ended])
    }
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]
    t.not(uid, '0', 'it is no root')

    const [program = '', ...check] = exec(instructions, 'HEALTHCHECK')
    const healthy = (at: number) =>
      spawnSync(program, check, { env: { ...process.env, VOICECHAT_PORT: `${at}` } }).status
    t.equal(healthy(port), 0)
    t.equal(healthy(await freePort()), 1, 'nothing answers there')

    const client = await WsClient.online(`ws://127.0.0.1:${port}`, 'anna')
    const { turn } = await client.next('ice')
    t.same(
      turn.map(({ url }) => url),
      [`turn:${DOMAIN}:3478`, `turn:${DOMAIN}:3478?transport=tcp`],
    )
    for (const { username, credential } of turn)
      t.equal(credential, createHmac('sha1', SECRET).update(username).digest('base64'), 'by the secret in the file')
    const signal = instructions.find(({ name }) => name === 'STOPSIGNAL')?.text as NodeJS.Signals
    server.kill(signal)
    await client.next('restarting')
    t.same(await ended, [0, null])
  },
)

t.test(
  'coturn takes its settings and our credentials, and is no way to the machines behind it',
  {
    skip: coturn.available() ?? false,
  },
  async t => {
    const { port, end } = await startCoturn(t)
    const anna = turnCredentials(SECRET, 'anna', Date.now())
    t.equal(await permit(port, anna, '203.0.113.9'), 'permitted')
    for (const hidden of ['127.0.0.1', '10.1.2.3', '172.20.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'])
      t.equal(await permit(port, anna, hidden), 403, `${hidden} is not for others`)
    t.equal(await allocate(port, turnCredentials('another', 'anna', Date.now())), 401)
    t.notMatch(await end(), /bad configuration/i)
  },
)

/** As the compose file starts it: its files, on a free port. `end` resolves with what it said. */
async function startCoturn(t: Test): Promise<{ port: number; end(): Promise<string> }> {
  const free = createSocket('udp4').bind(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address()
  await new Promise<void>(resolve => free.close(() => resolve()))
  const settings = readFileSync(join(DEPLOY, 'turnserver.conf'), 'utf8').replace('=3478', `=${port}`)
  const own = [`userdb=${lab.path('turndb')}`, `pidfile=${lab.path('turn.pid')}`, 'listening-ip=127.0.0.1']
  writeFileSync(lab.path('turnserver.conf'), [settings, ...own, ''].join('\n'))
  const { entrypoint = [], command = [] } = compose.services.coturn
  const [shell = '', ...args] = [...entrypoint, ...command].map(part =>
    part
      .replaceAll('/run/secrets/turn', lab.path('secret'))
      .replaceAll('/etc/voicechat/turnserver.conf', lab.path('turnserver.conf'))
      .replaceAll('/tmp/turnserver.conf', lab.path('whole.conf')),
  )
  const server = spawn(shell, args, { env: { ...process.env, EXTERNAL_IP: '' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const gone = once(server, 'close')
  t.teardown(() => server.kill('SIGKILL'))
  const end = async () => {
    server.kill('SIGKILL')
    await gone
    return said
  }
  return { port, end }
}

t.test('the image gets no more of the checkout than it needs, and all of that is there', async t => {
  const copied = instructions.filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
  const sources = copied.flatMap(({ text }) => text.split(' ').slice(0, -1))
  t.ok(sources.length > 3)
  for (const source of sources) {
    t.ok(existsSync(join(DEPLOY, '../..', source)), source)
    t.ok(ignored.includes(`!${source}`), `${source} is not ignored`)
  }
  t.equal(ignored[0], '*')
  t.ok(ignored.includes('signaling/deploy'), 'where the secrets lie')
})

t.test('what the compose file names is there', async t => {
  t.throws(() => readCompose({}), /VOICECHAT_DOMAIN is not set/)
  const { services, secrets, volumes } = compose
  for (const [name, service] of Object.entries(services)) {
    t.ok(service.image ?? service.build, name)
    for (const secret of service.secrets ?? []) t.ok(secrets[secret], secret)
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      t.ok(source.startsWith('.') ? existsSync(join(DEPLOY, source)) : source in volumes, volume)
    }
  }
  const { context = '', dockerfile = '' } = services.server.build ?? {}
  t.ok(existsSync(join(DEPLOY, context, dockerfile)))
  const ignores = readFileSync(join(DEPLOY, '../../.gitignore'), 'utf8').split('\n')
  for (const path of ['/signaling/deploy/.env', '/signaling/deploy/secrets/']) t.ok(ignores.includes(path), path)
})
