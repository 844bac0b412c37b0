/** What `voicechat-peer` does beside a call: a word each, and one file. */
import type { Command } from 'commander'
import { didYouMean } from '../../protocol/did-you-mean.js'
import type { ExitCode } from './exit-codes.js'
import type { PeerFlags } from './options.js'
import { settingsOf } from './settings.js'

export interface Subcommand {
  readonly name: string
  /** What stands behind the name, in commander's notation: `[key] [value]`. */
  readonly operands?: string
  /** Flags that only this one has, with their descriptions. */
  readonly options?: readonly (readonly [flag: string, description: string])[]
  readonly description: string
  /** For completion: what each operand may be, in order. */
  readonly choices?: (program: Command) => readonly (readonly string[])[]
  /**
   * Runs also where the configuration is wrong: its flags are those of the command line alone, and it looks at the rest itself.
   */
  readonly anyConfig?: true
  /**
   * `flags`: those of the whole program, before or after the word, over its defaults. `program`: the same with their
   * sources. `own`: its own options. Loads what it needs itself: help has to be quick.
   */
  readonly run: (
    flags: PeerFlags,
    operands: readonly string[],
    program: Command,
    own: Readonly<Record<string, unknown>>,
  ) => Promise<ExitCode>
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
    name: 'contacts',
    operands: '[action] [id]',
    description: 'whose keys you know: contacts shows them; contacts forget ID, contacts unlock ID',
    choices: () => [['list', 'forget', 'unlock']],
    anyConfig: true,
    run: async (flags, operands) => (await import('./contacts.js')).contacts(flags.json === true, operands),
  },
  {
    name: 'identity',
    operands: '[action] [file]',
    options: [['--replace', 'with import: give up another identity that is there, and keep it aside']],
    description: 'your own key: identity shows its fingerprint; identity export FILE, identity import FILE [--replace]',
    choices: () => [['show', 'export', 'import']],
    anyConfig: true,
    run: async (flags, operands, _program, { replace }) =>
      (await import('./identity.js')).identity({ json: flags.json === true, replace: replace === true }, operands),
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
  choose: (subcommand: Subcommand, operands: readonly string[], own: Readonly<Record<string, unknown>>) => void,
  all = subcommands,
): Command {
  for (const subcommand of all) {
    const { name, operands = '', options = [], description } = subcommand
    const command = program
      .command(`${name} ${operands}`.trim())
      .description(description)
      .allowExcessArguments(false)
      .configureHelp({ showGlobalOptions: true })
      .action((...given: unknown[]) =>
        choose(
          subcommand,
          given.slice(0, -2).filter(operand => typeof operand === 'string'),
          command.opts(),
        ),
      )
    for (const [flag, what] of options) command.option(flag, what)
  }
  return program.allowExcessArguments(true).action((_options, { args: [word] }: Command) => {
    // Without a word it is a call.
    if (word === undefined) return
    const names = all.map(({ name }) => name)
    const which = didYouMean(word, names) || ` There are: ${names.join(', ')}.`
    program.error(`error: "${word}" is no command.${which}`, { code: 'commander.unknownCommand' })
  })
}
