/** What `voicechat-peer` does beside a call: a word each, and one file. */
import type { Command } from 'commander'
import { didYouMean } from './did-you-mean.js'
import type { ExitCode } from './exit-codes.js'
import type { PeerFlags } from './options.js'
import { settingsOf } from './settings.js'

export interface Subcommand {
  readonly name: string
  /** What stands behind the name, in commander's notation: `[key] [value]`. */
  readonly operands?: string
  readonly description: string
  /** For completion: what each operand may be, in order. */
  readonly choices?: (program: Command) => readonly (readonly string[])[]
  /**
   * Runs also where the configuration is wrong: its flags are those of the command line alone, and it looks at the rest itself.
   */
  readonly anyConfig?: true
  /**
   * `flags`: those of the whole program, before or after the word, over its defaults. `program`: the same with their
   * sources. Loads what it needs itself: help has to be quick.
   */
  readonly run: (flags: PeerFlags, operands: readonly string[], program: Command) => Promise<ExitCode>
}

export const subcommands: readonly Subcommand[] = [
  {
    name: 'config',
    operands: '[action] [key] [value]',
    description: 'your defaults: config shows them all; config path, get KEY, set KEY VALUE, unset KEY',
    choices: program => [['list', 'path', 'get', 'set', 'unset'], settingsOf(program).map(({ key }) => key)],
    anyConfig: true,
    run: async (_flags, operands, program) => (await import('./config.js')).config(program, operands),
  },
  {
    name: 'doctor',
    description: 'look at all that a call needs (sound, server, network, clock), and say what to do',
    anyConfig: true,
    run: async (_flags, _operands, program) => (await import('./doctor.js')).doctor(program),
  },
  {
    name: 'completion',
    operands: '[shell]',
    description: 'print the script that completes these commands in bash, zsh or fish',
    choices: () => [['bash', 'zsh', 'fish']],
    anyConfig: true,
    run: async (_flags, operands, program) => (await import('./completion.js')).completion(program, operands),
  },
]

/** Adds them to the program; `choose` is called with the one that was asked for. */
export function addSubcommands(
  program: Command,
  choose: (subcommand: Subcommand, operands: readonly string[]) => void,
  all = subcommands,
): Command {
  for (const subcommand of all) {
    const { name, operands = '', description } = subcommand
    program
      .command(`${name} ${operands}`.trim())
      .description(description)
      .allowExcessArguments(false)
      .configureHelp({ showGlobalOptions: true })
      .action((...given: unknown[]) =>
        choose(
          subcommand,
          given.slice(0, -2).filter(operand => typeof operand === 'string'),
        ),
      )
  }
  return program.allowExcessArguments(true).action((_options, { args: [word] }: Command) => {
    // Without a word it is a call.
    if (word === undefined) return
    const names = all.map(({ name }) => name)
    const which = didYouMean(word, names) || ` There are: ${names.join(', ')}.`
    program.error(`error: "${word}" is no command.${which}`, { code: 'commander.unknownCommand' })
  })
}
