/** Puts what the environment and the configuration file say under what the command line says: flags, environment, file, default. */
import { dirname } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'
import { parseSetting, type Setting, settingsOf, unknownKey } from './settings.js'
import type { SettingsFile } from './settings-file.js'

/** `unset`: nowhere, and the program has no default either. */
export type Source = 'flag' | 'environment' | 'file' | 'default' | 'unset'

const SOURCES: Readonly<Record<string, Source>> = {
  cli: 'flag',
  env: 'environment',
  config: 'file',
  default: 'default',
}

/** For each setting a hidden `--no-...`, which leaves out what the environment or the file says. */
export function addNegations(program: Command): Command {
  for (const { key } of settingsOf(program)) {
    const known = program.options.some(option => option.long === `--no-${key}`)
    if (!known) program.addOption(new Option(`--no-${key}`).hideHelp())
  }
  return program
}

/** Sets what the parsed command line left open, each value with its source. Throws a CommandProblem. */
export function applyDefaults(program: Command, env: NodeJS.ProcessEnv, file: SettingsFile): void {
  const settings = settingsOf(program)
  for (const setting of settings) withoutNegated(program, setting)
  applyFile(program, settings, file)
  for (const setting of settings) {
    // A variable that is set to nothing is as good as none.
    const text = env[setting.variable]
    if (!text || sourceOf(program, setting) === 'flag') continue
    const value = parsed(setting, text, process.cwd(), setting.variable, `Correct ${setting.variable}, or unset it.`)
    program.setOptionValueWithSource(setting.option.attributeName(), value, 'env')
  }
  onePassword(program, env)
}

export function sourceOf(program: Command, { option }: Setting): Source {
  return SOURCES[program.getOptionValueSource(option.attributeName()) ?? ''] ?? 'unset'
}

/** All of the file is looked at, also what a flag overrides: a mistake should not wait. */
function applyFile(program: Command, settings: readonly Setting[], file: SettingsFile): void {
  const folder = dirname(file.path)
  for (const { key, line, text } of file.entries()) {
    const where = `${file.path}, line ${line}`
    const setting = settings.find(each => each.key === key)
    const repair = `Correct it there, or remove it: voicechat-peer config unset ${key}`
    if (!setting) throw new CommandProblem('badConfig', `${where}: ${unknownKey(key, settings)}`, repair, EXIT.usage)
    const value = parsed(setting, text, folder, where, repair)
    if (sourceOf(program, setting) !== 'flag')
      program.setOptionValueWithSource(setting.option.attributeName(), value, 'config')
  }
}

/** `where`: what the sentence begins with. Throws a CommandProblem. */
export function parsed(setting: Setting, text: string, folder: string, where: string, hint: string): unknown {
  try {
    return parseSetting(setting, text, folder)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    const message = `${where}: "${text.slice(0, 80)}" is no value of ${setting.key}. ${error.message}`
    throw new CommandProblem('badConfig', message, hint, EXIT.usage)
  }
}

/** `--no-mic` is the microphone that there would be without any setting. */
function withoutNegated(program: Command, { option }: Setting): void {
  const name = option.attributeName()
  if (option.isBoolean() || program.getOptionValue(name) !== false) return
  program.setOptionValueWithSource(name, option.defaultValue, 'cli')
}

/** A password is given in three ways; a file's name in the configuration is the weakest of them. */
function onePassword(program: Command, env: NodeJS.ProcessEnv): void {
  const source = program.getOptionValueSource('passwordFile')
  const asked = program.getOptionValue('password') === true && source !== 'cli'
  const known = Boolean(env.VOICECHAT_PASSWORD) && source === 'config'
  if (asked || known) program.setOptionValueWithSource('passwordFile', undefined, asked ? 'cli' : 'env')
}
