import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { peerCommand } from '../../peer/terminal/options.js'
import { subcommands } from '../../peer/terminal/subcommands.js'
import { serverCommand } from '../../signaling/options.js'
import { pages } from './pages.js'
import { escaped, prose } from './roff.js'

function missing(program: string, aptName = program): string | false {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' })
  return error ? `${program} is not installed (Debian: apt install ${aptName})` : false
}

/** What a person reads, without overstriking. */
function rendered(path: string): string {
  const { stdout, stderr, status } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=100n', path], {
    encoding: 'utf8',
  })
  t.same([stderr, status], ['', 0], 'groff has nothing to say')
  return stdout
}

t.test('are up to date', async t => {
  for (const { path, text } of pages) t.equal(readFileSync(path, 'utf8'), text(), `${path}: npm run man makes it anew`)
})

t.test(
  'are read without a warning by groff, and hold all there is',
  { skip: missing('groff', 'groff-base') },
  async t => {
    const [peer = '', server = ''] = pages.map(({ path }) => rendered(path))
    for (const { long } of peerCommand('').options.filter(({ hidden }) => !hidden))
      t.match(peer, new RegExp(`^ +(-\\w, )?${long}\\b`, 'm'), `${long}`)
    for (const { name } of subcommands) t.match(peer, new RegExp(`^ +${name}\\b`, 'm'), name)
    for (const { long } of serverCommand('').options.filter(({ hidden }) => !hidden))
      t.match(server, new RegExp(`^ +(-\\w, )?${long}\\b`, 'm'), `${long}`)
    for (const title of ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'ENVIRONMENT', 'EXAMPLES'])
      for (const page of [peer, server]) t.match(page, new RegExp(`^${title}$`, 'm'), title)
    t.match(peer, /^ +9 +No route\.$/m)
    t.match(peer, /VOICECHAT_ROUTE/)
    t.match(peer, /^IN A CALL$/m)
    t.match(server, /^ +3 +The port can't be had\.$/m)
    t.match(server, /VOICECHAT_STATE_DIR/)
  },
)

t.test('mandoc has nothing to say', { skip: missing('mandoc') }, async t => {
  for (const { path } of pages) {
    const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', '-W', 'style', path], { encoding: 'utf8' })
    t.same([stdout, status], ['', 0])
  }
})

t.test('text is taken as it is', async t => {
  t.equal(escaped("--a\\b\n.c\n'd"), "\\-\\-a\\eb\n\\&.c\n\\&'d")
  t.equal(prose('end-to-end --id, 3-4 .x'), 'end-to-end \\-\\-id, 3-4 .x')
  t.equal(prose('.x One. Two'), '\\&.x One.\nTwo', 'a sentence a line')
})
