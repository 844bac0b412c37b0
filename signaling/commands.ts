/** What `voicechat-server` does beside serving: a word each. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseId } from '../protocol/id.js'
import { isRendezvous } from '../protocol/rendezvous.js'
import type { ServerSettings } from './settings.js'

/** `settings`: those of the whole program, its flags before or after the word. Throws a ServerProblem. */
export type Run = (settings: ServerSettings) => Promise<void>

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 }
const MAX_SECONDS = 366 * 86_400

function invitedId(text: string): string {
  const parsed = parseId(text)
  if (!parsed.ok) throw new InvalidArgumentError(parsed.error.message)
  if (isRendezvous(text)) throw new InvalidArgumentError("Ids of this kind are for one-time calls, and nobody's own.")
  return text
}

/** Seconds. */
function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const seconds = Number(number) * (UNITS[unit] ?? 0)
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds
  throw new InvalidArgumentError('It is a number with m, h or d behind it (30m, 12h, 7d), a year at most.')
}

/** Adds them to the program; `choose` is called with the one that was asked for. Each loads what it needs itself: help has to be quick. */
export function addCommands(program: Command, choose: (run: Run) => void): Command {
  program
    .command('invite')
    .description('print an invitation to this private server, and the command for whoever gets it')
    .addOption(new Option('--id <id>', 'the only id that it is for (any that is free)').argParser(invitedId))
    .addOption(new Option('--expires <time>', 'how long it is good for').argParser(duration).default(7 * 86_400, '7d'))
    .allowExcessArguments(false)
    .action(({ id, expires }: { id?: string; expires: number }) =>
      choose(async settings => (await import('./invite.js')).invite(settings, id ?? null, expires)),
    )
  program
    .command('members [action] [who]')
    .description('who came with an invitation; members remove KEY|ID takes one out')
    .allowExcessArguments(false)
    .action((action: string | undefined, who: string | undefined) =>
      choose(async settings => (await import('./list-members.js')).members(settings, action, who)),
    )
  return program.allowExcessArguments(true).action((_options, { args: [word] }: Command) => {
    // Without a word it serves.
    if (word === undefined) return
    program.error(`error: "${word}" is no command. There are: invite, members.`, { code: 'commander.unknownCommand' })
  })
}
