/** What `voicechat-peer` does beside a call: a word each, and one file. */
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.js'
import type { PeerFlags } from './options.js'

export interface Subcommand {
  readonly name: string
  /** What stands behind the name, in commander's notation: `[key] [value]`. */
  readonly operands?: string
  readonly description: string
  /** `flags`: those of the whole program, before or after the word. Loads what it needs itself: help has to be quick. */
  readonly run: (flags: PeerFlags, operands: readonly string[]) => Promise<ExitCode>
}

export const subcommands: readonly Subcommand[] = []

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
  // Without a word it is a call.
  return program.action(() => {})
}
