import t from 'tap'
import type { Run } from '../../signaling/commands.js'
import { serverCommand } from '../../signaling/options.js'

/** What comes of a command line: what was chosen instead of serving, and what is printed. */
function parse(...args: string[]) {
  let chosen: Run | null = null
  let printed = ''
  const output = {
    writeErr: (text: string) => {
      printed += text
    },
  }
  const command = serverCommand('', run => {
    chosen = run
  }).configureOutput(output)
  for (const each of command.commands) each.configureOutput(output)
  try {
    command.parse(args, { from: 'user' })
  } catch {}
  return { chosen: chosen !== null, printed, flags: command.opts() }
}

t.test('serves unless a word says otherwise', async t => {
  t.match(parse('--state-dir', 'x'), { chosen: false, printed: '', flags: { stateDir: 'x' } })
  t.match(parse('invite', '--id', 'ABC', '--expires', '12h'), { chosen: true, printed: '' })
  t.match(parse('members', 'remove', 'ABC'), { chosen: true, printed: '' })
  t.match(
    parse('invite', '--state-dir', 'x').flags,
    { stateDir: 'x' },
    'options of the server may stand behind the word',
  )
  t.match(parse('--state-dir', 'x', 'members').flags, { stateDir: 'x' })
})

t.test('explains what it does not take', async t => {
  for (const [says, ...args] of [
    [/"invitation" is no command\. There are: invite, members/, 'invitation'],
    [/An id is 1 to 32 letters/, 'invite', '--id', 'a b'],
    [/for one-time calls/, 'invite', '--id', '7.a'],
    [/too many arguments/, 'invite', 'anna'],
    [/too many arguments/, 'members', 'remove', 'anna', 'ben'],
    ...['7', 'd', '0d', '1y', '-1d', '1.5h', '367d', '9999999h', ''].map(
      time => [/a number with m, h or d behind it/, 'invite', '--expires', time] as const,
    ),
  ] as const) {
    const { chosen, printed } = parse(...args)
    t.match({ chosen, printed }, { chosen: false, printed: says }, args.join(' '))
  }
  for (const time of ['1m', '366d', '8784h']) t.match(parse('invite', '--expires', time), { chosen: true, printed: '' })
})
