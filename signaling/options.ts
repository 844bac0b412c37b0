/** The command line of `voicechat-server`, made from the table of settings. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { addCommands, type Run } from './commands.js'
import { parseTexts } from './setting.js'
import { type NamedSetting, settings } from './settings.js'

/** Read where nothing else is named, if it is there. */
export const CONFIG_PATH = '/etc/voicechat/server.conf'

/** Does not exit by itself: throws commander's CommanderError. `choose` gets what was asked for instead of serving. */
export function serverCommand(version: string, choose: (run: Run) => void = () => {}): Command {
  const command = new Command('voicechat-server')
    .description('Introduces two people to each other and relays their encrypted voice when they have no direct way.')
    .version(version)
    .option(
      '--config <file>',
      `file with settings, a line "key = value" each (${CONFIG_PATH}, if it is there; --no-config: none)`,
    )
    .option('--print-config', 'print the settings in force as such a file, and where each comes from, and end')
    .addHelpText(
      'after',
      `
Settings: each option can stand in the file too (max-sockets = 500, private = true),
and in the environment (VOICECHAT_MAX_SOCKETS). The command line counts more than the
environment, that more than the file. --no-KEY leaves out for one run what these say.

Exit codes: 0 asked to end, 1 crash, 2 usage or a bad setting or file, 3 the port can't be had.`,
    )
    .exitOverride()
  for (const setting of settings) command.addOption(optionOf(setting))
  for (const name of ['config', ...settings.map(setting => setting.name)])
    command.addOption(new Option(`--no-${name}`).hideHelp())
  return addCommands(command, choose)
}

/** What the parsed command line sets, by name; false: `--no-...` leaves it out. */
export function flagsOf(command: Command): ReadonlyMap<string, unknown> {
  const given = command.options.filter(
    option => !option.negate && command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  return new Map(given.map(option => [option.name(), command.getOptionValue(option.attributeName())]))
}

function optionOf(setting: NamedSetting): Option {
  const { name, operand, what, group } = setting
  const option = new Option(`--${name}${operand === undefined ? '' : ` ${operand}`}`, what)
  if (group !== undefined) option.helpGroup(group)
  if (operand === undefined) return option
  if (setting.default !== undefined)
    option.default(setting.default, setting.write?.(setting.default) ?? String(setting.default))
  return option.argParser((text, before: unknown) => {
    const parsed = parseTexts(setting, text, process.cwd())
    if (!parsed.ok) throw new InvalidArgumentError(parsed.error.message)
    if (!setting.repeatable) return parsed.value[0]
    return [...(Array.isArray(before) ? before : []), ...parsed.value]
  })
}
