import t from 'tap'
import { flagsOf, peerCommand } from '../../../peer/terminal/options.js'
import { addSubcommands, type Subcommand } from '../../../peer/terminal/subcommands.js'

const two: Subcommand[] = [
  { name: 'look', description: 'looks', run: async () => 0 },
  { name: 'set', operands: '[key] [value]', description: 'sets', run: async () => 0 },
]

/** Which one is chosen, with what; and the flags. */
function parse(...args: string[]) {
  let chosen: unknown = 'call'
  const program = addSubcommands(
    peerCommand('1.2.3').configureOutput({ writeErr: () => {}, writeOut: () => {} }),
    ({ name }, operands) => {
      chosen = [name, ...operands]
    },
    two,
  )
  program.parse(args, { from: 'user' })
  return { chosen, flags: flagsOf(program) }
}

t.test('without a word it is a call', async t => {
  t.match(parse('--id', 'ABC', '--to', 'XYZ'), { chosen: 'call', flags: { id: 'ABC', to: 'XYZ' } })
  t.equal(parse().chosen, 'call')
})

t.test('a word takes the flags of the program before and after it, and its operands', async t => {
  t.match(parse('--json', 'look'), { chosen: ['look'], flags: { json: true } })
  t.match(parse('look', '--json', '--mic', 'tone'), { chosen: ['look'], flags: { json: true, mic: 'tone' } })
  t.match(parse('set'), { chosen: ['set'] })
  t.match(parse('set', 'mic', 'tone'), { chosen: ['set', 'mic', 'tone'] })
})

t.test('what is too much or unknown is a mistake', async t => {
  for (const args of [['loook'], ['look', 'up'], ['set', 'a', 'b', 'c'], ['look', '--nothing']])
    t.throws(() => parse(...args), { name: 'CommanderError' }, args.join(' '))
  t.throws(() => parse('loook'), { message: /"loook" is no command\. Did you mean "look"\?/ })
  t.throws(() => parse('dance'), { message: /"dance" is no command\. There are: look, set\./ })
})
