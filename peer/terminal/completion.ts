/** `voicechat-peer completion`: prints the script that completes both commands in a shell, made from their own options. */
import type { Command, Option } from 'commander'
import { didYouMean } from '../../protocol/did-you-mean.js'
import { bashCompletion } from './completion-bash.js'
import { fishCompletion } from './completion-fish.js'
import { zshCompletion } from './completion-zsh.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { CommandProblem } from './problem.js'
import { subcommands } from './subcommands.js'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** What can stand behind an option. */
export type Value =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** One of the words, or `file:` and a path. */
  | { readonly kind: 'device'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'text' }

export interface CompletedOption {
  /** `--route` */
  readonly flag: string
  /** One short sentence. */
  readonly description: string
  /** Null: nothing stands behind it. */
  readonly value: Value | null
}

export interface CompletedCommand {
  readonly name: string
  readonly description: string
  /** Words for each operand, in order. */
  readonly operands: readonly (readonly string[])[]
}

export interface CompletedProgram {
  readonly name: string
  readonly options: readonly CompletedOption[]
  readonly commands: readonly CompletedCommand[]
}

const SCRIPTS: Readonly<Record<Shell, (programs: readonly CompletedProgram[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** Prints the script. Throws a CommandProblem for a shell that it has none for. */
export async function completion(
  peer: Command,
  [name]: readonly string[],
  write: (text: string) => void = text => void process.stdout.write(text),
): Promise<ExitCode> {
  const shell = shells.find(each => each === name)
  if (!shell)
    throw new CommandProblem(
      'usage',
      name === undefined ? 'For which shell?' : `There is no completion for "${name}".${didYouMean(name, shells)}`,
      'For bash, zsh and fish: source <(voicechat-peer completion bash), or the like in your shell.',
      EXIT.usage,
    )
  write(SCRIPTS[shell](await completedPrograms(peer)))
  return EXIT.ok
}

/** Both commands of the package. */
export async function completedPrograms(peer: Command): Promise<readonly CompletedProgram[]> {
  const { serverCommand } = await import('../../signaling/options.js')
  const commands = subcommands.map(({ name, description, choices }) => {
    return { name, description: short(description), operands: choices?.(peer) ?? [] }
  })
  const server = serverCommand('')
  const words = server.commands.map(command => ({
    name: command.name(),
    description: short(command.description()),
    operands: command.name() === 'members' ? [['list', 'remove']] : [],
  }))
  return [completed(peer, commands), completed(server, words)]
}

function completed(program: Command, commands: readonly CompletedCommand[]): CompletedProgram {
  const options = program.createHelp().visibleOptions(program)
  return {
    name: program.name(),
    options: options.flatMap(option => {
      const flag = option.long
      return flag ? [{ flag, description: short(option.description), value: valueBehind(option) }] : []
    }),
    commands,
  }
}

function valueBehind(option: Option): Value | null {
  if (!option.required && !option.optional) return null
  if (option.argChoices) return { kind: 'words', words: option.argChoices }
  if (option.flags.includes('<file>')) return { kind: 'file' }
  if (option.flags.includes('<dir>')) return { kind: 'folder' }
  if (!option.flags.includes('<device>')) return { kind: 'text' }
  return { kind: 'device', words: ['none', 'tone'].filter(word => accepts(option, word)) }
}

function accepts({ parseArg }: Option, word: string): boolean {
  try {
    parseArg?.(word, undefined as never)
    return true
  } catch {
    return false
  }
}

/** Up to the first bracket, colon or semicolon: a menu has little room. */
function short(description: string): string {
  return (description.split(/ \(|: |; /)[0] ?? '').replace(/[\r\n]/g, ' ')
}
