/** Completion as it is typed: a real shell in a real terminal, and the Tab key. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Lab } from '../lab/lab.js'
import { Terminal } from './terminal.js'

const lab = new Lab()
t.teardown(() => lab.close())
const main = fileURLToPath(new URL('../../program/peer.js', import.meta.url))

/** How each shell is started without the developer's own settings, and loads the script. */
const shells = {
  bash: { start: 'bash --norc --noprofile', load: (path: string) => `source ${path}` },
  zsh: { start: 'zsh -f', load: (path: string) => `autoload -U compinit; compinit -D -u; source ${path}` },
  /** As a file in a folder of $fpath, loaded at the first Tab. */
  'zsh by $fpath': {
    start: 'zsh -f',
    load: (path: string) =>
      `mkdir ../fpath; cp ${path} ../fpath/_voicechat-peer; fpath+=($PWD/../fpath); autoload -U compinit; compinit -D -u`,
  },
  fish: { start: 'fish --no-config --private', load: (path: string) => `source ${path}` },
} as const

function missing(shell: string): string | false {
  const { status } = spawnSync(shell, ['--version'], { stdio: 'ignore' })
  return Terminal.missing() ?? (status === 0 ? false : `${shell} is not installed (Debian: apt install ${shell})`)
}

for (const [name, { start, load }] of Object.entries(shells)) {
  const shell = name.split(' ')[0] ?? name
  t.test(`${name} completes what is typed`, { skip: missing(shell) }, async t => {
    const script = lab.path(`completion-${shell}`)
    const env = { ...process.env, XDG_CONFIG_HOME: lab.path('config') }
    writeFileSync(script, execFileSync(process.execPath, [main, 'completion', shell], { env }))
    const folder = lab.path(`${name.replace(/\W/g, '')}/folder`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'heard.wav'), '')
    const terminal = await Terminal.open(lab, { columns: 120 })
    t.teardown(() => terminal.close())
    await terminal.command(`cd ${folder}; PS1='$ ' ${start}`)
    await terminal.command(shell === 'fish' ? 'function fish_prompt; echo "ready> "; end' : "PS1='ready> '")
    await terminal.until(/^ready> ?$/m)
    await terminal.command(load(script))
    await terminal.command('clear')
    await terminal.until(/^ready> ?$/m)
    for (const [typed, wanted] of [
      ['voicechat-peer --rou', /voicechat-peer --route/],
      ['voicechat-peer --route dir', /voicechat-peer --route direct/],
      ['voicechat-peer --mic file:hea', /voicechat-peer --mic file:heard\.wav/],
      ['voicechat-peer conf', /voicechat-peer config/],
      ['voicechat-peer config un', /voicechat-peer config unset/],
      ['voicechat-peer config set web', /voicechat-peer config set webrtc/],
      ['voicechat-server --state', /voicechat-server --state-dir/],
    ] as const) {
      await terminal.type(typed)
      await terminal.key('Tab')
      await terminal.until(wanted, 10_000)
      t.pass(String(wanted))
      await terminal.key('C-c')
      await terminal.command('clear')
      await terminal.until(/^ready> ?$/m)
    }
  })
}
