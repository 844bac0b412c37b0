/** A newcomer's path: a fresh clone in a real terminal, the commands of README.md as they stand there, until an echo is heard. */
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { freePort, Lab } from '../lab/lab.js'
import { Pulse } from '../lab/pulse.js'
import { judge } from '../measure/hearing.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { Terminal } from '../system/terminal.js'
import { between, sleep } from '../system/whole-call.js'
import { commandInText, commandsUnder } from './readme.js'
import { describe, type Step, watchStep } from './watched-step.js'

t.setTimeout(290_000)

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** STOI over which it is that voice, on the busiest machine; how good it can be is for other tests. */
const THAT_VOICE = 0.4
const PASSWORD = 'seven quiet crossovers'
/** npm's own names for a registry that can't be reached. */
const NO_REGISTRY =
  /npm error (?:code )?(?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)/
/** In the first call from a clone npx links the package into its cache, and says nothing meanwhile: our program does not run yet. */
const NPX_FIRST = 'to the question for the password, npx getting ready first'
const INSTALL_LIMIT_MS = 200_000

const lab = new Lab()
t.teardown(() => lab.close())
const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: root, encoding: 'utf8' })
const output = (command: string, ...args: string[]) => run(command, ...args).stdout.trim()
const skip = whyNot() ?? false
if (skip) t.comment(`skipped: ${skip}`)

function whyNot(): string | null {
  if (Pulse.available() !== null) return `no PulseAudio here: ${Pulse.available()}`
  const { error, status, stderr } = run('git', 'rev-parse', 'HEAD')
  return Terminal.missing() ?? (status === 0 ? null : `nothing to clone: ${error?.message ?? stderr.trim()}`)
}

t.test('from the clone to an echo that is heard', { skip }, async t => {
  const dirty = output('git', 'status', '--porcelain', '--untracked-files=no')
  t.comment(
    `the clone is of ${output('git', 'rev-parse', '--short', 'HEAD')}${dirty ? ', without the changes that are not committed' : ''}`,
  )
  const pulse = await Pulse.start()
  t.teardown(() => pulse.stop())
  // From here on: a sound server that nobody uses ends by itself, and npm takes its time.
  const recording = await pulse.record()
  // The person's own registry and cache; all else in the terminals' homes is new.
  const npm = Object.fromEntries(
    ['userconfig', 'cache'].map(key => [`npm_config_${key}`, output('npm', 'config', 'get', key)]),
  )
  const port = await freePort()
  const open = async (side: 'a' | 'b') => {
    const env = { ...npm, ...pulse.env(side), VOICECHAT_PORT: `${port}`, VOICECHAT_SERVER: '', VOICECHAT_PASSWORD: '' }
    const proxy = { NO_PROXY: process.env.NO_PROXY ?? '' }
    const terminal = await Terminal.open(lab, { columns: 120, env: { ...env, ...proxy } })
    t.teardown(() => terminal.close())
    await terminal.command(`cd '${lab.folder}'; clear`)
    await terminal.until(/^\$ ?$/)
    return terminal
  }
  const steps: Step[] = []
  const done = (step: Step) => {
    steps.push(step)
    t.comment(describe(step))
    return step
  }

  const [clone = '', installAndCall = '', ...more] = commandsUnder('A call in one minute')
  t.match(clone, /^git clone <this repository> voicechat && cd voicechat$/)
  t.match(installAndCall, /^npm install && npx voicechat-peer --id ABC --to XYZ/)
  t.same(more, [], 'two lines are all')

  const abc = await open('a')
  done(
    await watchStep(abc, {
      name: 'git clone',
      types: clone.replace('<this repository>', `'${root}'`),
      until: /^Cloning into[\s\S]*^\$ ?$/m,
    }),
  )
  const install = done(
    await watchStep(abc, {
      name: 'npm install',
      types: installAndCall,
      until: /^(added|up to date|npm error) .*/m,
      limitMs: INSTALL_LIMIT_MS,
    }),
  )
  const error = install.screen.find(line => line.startsWith('npm error'))
  if (error !== undefined) {
    await abc.until(/^\$ ?$/m)
    const text = (await abc.screen()).join('\n')
    if (!NO_REGISTRY.test(text)) {
      t.fail(`npm install fails:\n${text}`)
      return
    }
    const reason = `npm cannot reach a registry here: ${NO_REGISTRY.exec(text)?.[0]}`
    t.comment(`skipped: ${reason}`)
    t.pass('an echo is heard', { skip: reason })
    return
  }
  const built = () => statSync(`${lab.folder}/voicechat/dist/program/peer.js`).mtimeMs
  const builtAt = built()
  done(await watchStep(abc, { name: NPX_FIRST, until: /^Password:/m }))
  t.equal(built(), builtAt, 'npx builds nothing again')
  const started = done(
    await watchStep(abc, {
      name: 'to waiting, with a server of its own',
      types: PASSWORD,
      until: /joins with:\s+npx .*--password/,
    }),
  )
  const join = /joins with:\s+(npx .*--password)/.exec(started.screen.join('\n'))?.[1] ?? ''
  t.match(join, /^npx voicechat-peer --id XYZ --to ABC --server ws:\S+ --password$/)

  const xyz = await open('b')
  await xyz.command('cd voicechat; clear')
  done(
    await watchStep(xyz, {
      name: 'to the question on the other side',
      types: join,
      until: /^Password:/m,
    }),
  )
  done(
    await watchStep(xyz, {
      name: 'to talking, verified',
      types: PASSWORD,
      until: /^(?=[\s\S]*talking)(?=[\s\S]*verified)/i,
    }),
  )
  t.match((await abc.until(/talking/i)).join('\n'), /verified/i)

  const speech = readWav(speechPath('congratulations'))
  const spokenAt = Date.now()
  pulse.play('a', speech, { loop: true })
  await sleep(6_000)
  const end = Date.now()
  await abc.type('q')
  await abc.until(/^You hung up\.\n(.*\n)*\$ ?$/m)
  await xyz.until(/^ABC hung up\.\n(.*\n)*\$ ?$/m)

  done(
    await watchStep(abc, {
      name: 'test call, to the first word',
      types: `clear; ${commandInText(/--test-call/)}`,
      until: /^Say something/m,
    }),
  )
  const testedAt = Date.now()
  const heardBack = done(await watchStep(abc, { name: 'test call, to its end', until: /heard back/i }))
  t.match(heardBack.screen.join(' '), /Heard back: what you said .* came back \d+\.\d+ s later/)
  const testedUntil = Date.now()
  const { said, heard } = await recording.stop()
  const echo = judge(between(said.a, testedAt, testedUntil), between(heard.a, testedAt, testedUntil), 3_000)
  t.ok(
    echo.stoi > THAT_VOICE,
    `ABC hears its echo: STOI ${echo.stoi.toFixed(2)}, ${echo.delay.p50.toFixed(0)} ms later`,
  )
  const { stoi, firstSoundAt, delay } = judge(between(said.a, spokenAt, end), between(heard.b, spokenAt, end))
  t.ok(stoi > THAT_VOICE, `XYZ hears what ABC says: STOI ${stoi.toFixed(2)}`)
  t.comment(
    `heard ${((firstSoundAt ?? Number.NaN) - spokenAt).toFixed(0)} ms after it began to play, delay ${delay.p50.toFixed(0)} ms`,
  )
  const total = steps.reduce((sum, { ms }) => sum + ms, 0)
  t.comment(`from the clone to the end of the test call: ${(total / 1000).toFixed(1)} s`)
  for (const { name, ms, signs } of steps)
    if (ms > 1_000 && name !== NPX_FIRST)
      t.ok(signs > 0, `${name} takes more than a second and shows that something goes on`)
})
