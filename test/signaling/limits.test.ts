import { readFileSync } from 'node:fs'
import t from 'tap'
import { settle } from '../../signaling/config.js'
import { defaultLimits, type Limits, limitFlags, parseLimit } from '../../signaling/limits.js'
import { flagsOf, serverCommand } from '../../signaling/options.js'
import { serverSettings } from '../../signaling/settings.js'

/** The limits of a command line. Throws commander's error. */
function limitsFrom(args: string[]): Partial<Limits> {
  const command = serverCommand('').configureOutput({ writeErr: () => {} })
  command.parse(args, { from: 'user' })
  const { found } = settle(flagsOf(command), {}, null)
  return serverSettings(found).limits
}

t.test('unless set, each limit is that of the table', async t => {
  t.match(defaultLimits, limitsFrom([]))
  t.equal(Object.keys(limitsFrom([])).length, limitFlags.length)
})

t.test('each flag sets its own limit and no other, in the unit that people use', async t => {
  for (const { name, limit, most, unit = 1 } of limitFlags) {
    const { [limit]: value, ...others } = limitsFrom([`--${name}`, String(most)])
    t.equal(value, most * unit, name)
    t.match(defaultLimits, others)
  }
  t.equal(limitsFrom(['--login-seconds', '7']).loginMs, 7000)
  t.equal(limitsFrom(['--turn-minutes', '10']).turnCredentialMs, 600_000)
})

t.test('each default may be given as well', async t => {
  for (const flag of limitFlags)
    t.same(parseLimit(flag, String(flag.default)), { ok: true, value: defaultLimits[flag.limit] }, flag.name)
})

t.test('a value that is none is refused with what is allowed', async t => {
  for (const flag of limitFlags)
    for (const text of [
      '',
      ' ',
      'many',
      '-1',
      '1.5',
      '1e3',
      '0x10',
      `${flag.least - 1}`,
      `${flag.most + 1}`,
      '9'.repeat(20),
    ])
      t.same(parseLimit(flag, text), {
        ok: false,
        error: { name: 'badLimit', message: `It is a whole number from ${flag.least} to ${flag.most}.` },
      })
  t.throws(() => limitsFrom(['--max-sockets', '0']), { message: /--max-sockets.* whole number from 2 to 1000000/ })
})

t.test('README.md has each flag with its default', async t => {
  const text = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  for (const flag of limitFlags)
    t.match(text, new RegExp(`^\\| \`--${flag.name} ${flag.default}\` +\\|`, 'm'), flag.name)
})
