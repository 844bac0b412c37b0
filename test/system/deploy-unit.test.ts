/** signaling/deploy/voicechat.service: what systemd says of it, and what it starts. test/system/deploy-install.test.ts runs it for real. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { defaultLimits } from '../../signaling/limits.js'
import { ROOT } from '../lab/checkout.js'
import { freePort, Lab } from '../lab/lab.js'

const lab = new Lab()
t.teardown(() => lab.close())
const DEPLOY = join(ROOT, 'signaling/deploy')
const unit = readFileSync(join(DEPLOY, 'voicechat.service'), 'utf8')
const settings = readFileSync(join(DEPLOY, 'server.env'), 'utf8')
const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? ''
/** Of 10; with no defences at all it is 9.6. */
const MOST_EXPOSED = 2

/** As install.sh writes it where Node lies elsewhere. */
const path = lab.path('voicechat.service')
writeFileSync(path, unit.replace('/usr/bin/node', process.execPath))
const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' })
const skip = analyze('--version').error ? 'systemd-analyze is not installed (Debian: apt install systemd)' : false

t.test('systemd has nothing to say against it', { skip }, async t => {
  const { status, stdout, stderr } = analyze('verify', '--man=no', path)
  t.same([status, stdout, stderr], [0, '', ''])
})

t.test('what it starts can do little beside its work', { skip }, async t => {
  const { status, stdout } = analyze('security', '--offline=true', `--threshold=${MOST_EXPOSED * 10}`, path)
  t.equal(status, 0, stdout.split('\n').at(-2) ?? '')
})

t.test('what it starts is the server, with the settings beside it', async t => {
  const [node, main, ...rest] = value('ExecStart').split(' ')
  t.same([node, main], ['/usr/bin/node', '/opt/voicechat/dist/signaling/main.js'])
  t.equal(rest.pop(), '$FLAGS')
  const args = rest.map(arg => arg.replace('/var/lib/voicechat', lab.path('state')))
  t.ok(args.includes(lab.path('state')))
  // Those that are commented out as well: they are there to be used.
  const set = [...settings.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', text = '']) => [name, text] as const)
  const { FLAGS = '', ...env } = Object.fromEntries(set)
  t.same(Object.keys(env), ['VOICECHAT_PUBLIC_URL', 'VOICECHAT_HOST'])
  const server = lab.program(join(ROOT, 'dist/signaling/main.js'), [...args, ...FLAGS.split(' ')], {
    name: 'server',
    env: { ...env, VOICECHAT_PORT: `${await freePort()}` },
  })
  const { urls, private: isPrivate } = await server.event(({ msg }) => msg === 'listening')
  t.equal((urls as string[])[0], env.VOICECHAT_PUBLIC_URL)
  t.equal(isPrivate, true)
  t.equal((await server.stop()).code, 0, value('ExecReload'))
})

t.test('it gives the server the files and the time that it needs', async t => {
  t.ok(Number(value('LimitNOFILE')) > defaultLimits.sockets + 1000)
  t.ok(Number(value('TimeoutStopSec')) >= defaultLimits.drainMs / 1000 + 10)
  t.notMatch(unit, /^MemoryDenyWriteExecute=(yes|true|1)/m, 'V8 could not compile')
})
