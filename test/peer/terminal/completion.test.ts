/** Each script is loaded by the shell it is for; what it offers is read from there. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { completedPrograms, completion, type Shell, shells } from '../../../peer/terminal/completion.js'
import { peerCommand } from '../../../peer/terminal/options.js'
import { subcommands } from '../../../peer/terminal/subcommands.js'
import { serverCommand } from '../../../signaling/options.js'

const peer = peerCommand('1.2.3')
const folder = t.testdir({ 'heard one.wav': '', 'other.txt': '' })
mkdirSync(join(folder, 'sub'))

async function script(shell: Shell): Promise<string> {
  let text = ''
  await completion(peer, [shell], more => {
    text += more
  })
  const path = join(folder, `../completion.${shell}`)
  writeFileSync(path, text)
  return path
}

/** A reason to skip what needs this shell. */
function missing(shell: Shell): string | false {
  const { status } = spawnSync(shell, ['--version'], { stdio: 'ignore' })
  return status === 0 ? false : `${shell} is not installed (Debian: apt install ${shell})`
}

/** What bash would offer for these words, the last of which is being typed; taken apart as bash does it. */
async function bash(words: readonly string[], program = 'voicechat-peer'): Promise<string[]> {
  const all = [program, ...words]
  const quoted = all.map(word => `'${word}'`).join(' ')
  const code = `source '${await script('bash')}'; COMP_WORDS=(${quoted}); COMP_CWORD=${all.length - 1}
    "$(complete -p ${program} | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', code], { cwd: folder, encoding: 'utf8' })
  // Outside of a prompt there is nothing that compopt could set.
  t.equal(stderr.replace(/.*compopt.*\n/g, ''), '', all.join(' '))
  return stdout.split('\n').filter(line => line !== '')
}

t.test('bash', { skip: missing('bash') }, async t => {
  const cases: [string[], string[]][] = [
    [['--ro'], ['--route']],
    [
      ['--route', ''],
      ['auto', 'direct', 'relay'],
    ],
    [['--route', '=', 'd'], ['direct']],
    [
      ['--route', '='],
      ['auto', 'direct', 'relay'],
    ],
    [
      ['--route', 'relay', '--pass'],
      ['--password', '--password-file'],
    ],
    [
      ['--mic', ''],
      ['none', 'tone', 'file:'],
    ],
    [
      ['--speaker', ''],
      ['none', 'file:'],
    ],
    [['--mic', 'file', ':', 'h'], ['heard one.wav']],
    [
      ['--mic', 'file', ':'],
      ['heard one.wav', 'other.txt', 'sub'],
    ],
    [['--mic', 'file', ':', 'a', '--web'], ['--webrtc']],
    [['--server', 'ws', ':', '//h', ':', '9'], []],
    [['--server', 'ws', ':', '//h', ':', '9', '--rou'], ['--route']],
    [['--record', 'o'], ['other.txt']],
    [['--id', ''], []],
    [['con'], ['config', 'contacts']],
    [['contacts', 'for'], ['forget']],
    [
      ['config', ''],
      ['list', 'path', 'get', 'set', 'unset'],
    ],
    [['config', 'set', 'ro'], ['route']],
    [['--id', 'config', 'comp'], ['completion']],
    [
      ['--json', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['config', '--js'], ['--json']],
  ]
  for (const [words, offers] of cases) t.same((await bash(words)).sort(), [...offers].sort(), words.join(' '))
  const all = await bash([''])
  for (const { name } of subcommands) t.ok(all.includes(name), name)
  for (const { long } of peer.options.filter(({ hidden }) => !hidden)) t.ok(all.includes(long ?? ''), `${long}`)
  t.same(await bash(['--state-dir', ''], 'voicechat-server'), ['sub'], 'a folder for the server')
  const server = await bash(['--'], 'voicechat-server')
  for (const { long } of serverCommand('1.2.3').options.filter(({ hidden }) => !hidden))
    t.ok(server.includes(long ?? ''), `${long}`)
})

t.test('fish', { skip: missing('fish') }, async t => {
  const path = await script('fish')
  const fish = (line: string) => {
    const code = `source '${path}'; complete -C '${line}'`
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', code], { cwd: folder, env, encoding: 'utf8' })
    t.equal(stderr, '', line)
    return stdout
      .split('\n')
      .filter(each => each !== '')
      .map(each => each.split('\t')[0] ?? '')
      .sort()
  }
  t.same(fish('voicechat-peer --rou'), ['--route'])
  t.same(fish('voicechat-peer --route '), ['auto', 'direct', 'relay'])
  t.same(fish('voicechat-peer --speaker n'), ['none'])
  t.same(fish('voicechat-peer --mic file:hea'), ['file:heard one.wav'])
  t.same(fish('voicechat-peer --record oth'), ['other.txt'])
  t.same(fish('voicechat-peer --id '), [])
  t.same(fish('voicechat-peer con'), ['config', 'contacts'])
  t.same(fish('voicechat-peer config '), ['get', 'list', 'path', 'set', 'unset'])
  t.ok(fish('voicechat-peer config set ').includes('route'))
  t.same(fish('voicechat-peer completion z'), ['zsh'])
  t.same(fish('voicechat-server --state'), ['--state-dir'])
})

t.test('zsh reads its script', { skip: missing('zsh') }, async t => {
  const code = `autoload -U compinit; compinit -D -u; source '${await script('zsh')}'
    print -l $_comps[voicechat-peer] $_comps[voicechat-server]`
  const env = { ...process.env, HOME: folder, ZDOTDIR: folder }
  const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', code], { cwd: folder, env, encoding: 'utf8' })
  t.equal(stderr, '')
  t.same(stdout.trim().split('\n'), ['_voicechat_peer', '_voicechat_server'])
})

t.test('covers each option of both commands, in each shell', async t => {
  const programs = await completedPrograms(peer)
  t.same(
    programs.map(({ name }) => name),
    ['voicechat-peer', 'voicechat-server'],
  )
  for (const { options } of programs)
    for (const { description } of options) t.ok(description.length > 3 && description.length < 90, description)
  t.equal(shells.length, 3)
})

t.test('says what it has for an unknown shell, and for none', async t => {
  await t.rejects(completion(peer, ['zhs']), { message: /no completion for "zhs"\. Did you mean "zsh"\?/, exitCode: 2 })
  await t.rejects(completion(peer, []), { message: /which shell/, hint: /bash, zsh and fish/ })
})
