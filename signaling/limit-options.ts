/** The limits on the command line of `voicechat-server`, made from their table (limits.ts). */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { defaultLimits, type Limits, limitFlags, parseLimit } from './limits.js'

/** A flag and an environment variable for each limit that may be set, in a group of their own. */
export function addLimitOptions(command: Command): Command {
  for (const flag of limitFlags)
    command.addOption(
      new Option(`--${flag.name} <n>`, flag.what)
        .env(`VOICECHAT_${flag.name.toUpperCase().replaceAll('-', '_')}`)
        .argParser(text => {
          const parsed = parseLimit(flag, text)
          if (parsed.ok) return parsed.value
          throw new InvalidArgumentError(parsed.error.message)
        })
        .default(defaultLimits[flag.limit], String(flag.default))
        .helpGroup('Limits:'),
    )
  return command
}

/** What the parsed command line says of limits. */
export function limitsOf(command: Command): Partial<Limits> {
  return Object.fromEntries(
    limitFlags.map(({ limit, name }) => {
      const option = command.options.find(each => each.long === `--${name}`)
      return [limit, option && command.getOptionValue(option.attributeName())]
    }),
  )
}
