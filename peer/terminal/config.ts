/** `voicechat-peer config`: shows one's defaults and where each comes from, and changes the file. */
import type { Command } from 'commander'
import { noSuchAction } from '../../protocol/did-you-mean.js'
import { columns } from './columns.js'
import { applyDefaults, parsed, type Source, sourceOf } from './defaults.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { CommandProblem } from './problem.js'
import { absolute, type Setting, settingsOf, unknownKey } from './settings.js'
import { SETTINGS_PATH, SettingsFile } from './settings-file.js'

export const actions = ['list', 'path', 'get', 'set', 'unset'] as const

export interface ConfigIO {
  readonly write: (text: string) => void
  readonly env: NodeJS.ProcessEnv
  readonly path: string
  readonly read: () => SettingsFile
  readonly now: () => number
}

const real = (): ConfigIO => ({
  write: text => void process.stdout.write(text),
  env: process.env,
  path: SETTINGS_PATH,
  read: () => SettingsFile.read(),
  now: Date.now,
})

/** `program` has parsed the command line, and nothing else was applied to it. Throws a CommandProblem. */
export async function config(
  program: Command,
  [action = 'list', key, value]: readonly string[],
  io: ConfigIO = real(),
): Promise<ExitCode> {
  const known = actions.find(each => each === action)
  const needs = { list: 0, path: 0, get: 1, set: 2, unset: 1 }
  const given = [key, value].filter(operand => operand !== undefined).length
  if (!known) throw usage(noSuchAction('config', action, actions))
  if (given !== needs[known])
    throw usage(`config ${known} takes ${['nothing', 'a KEY', 'a KEY and a VALUE'][needs[known]]}.`)
  switch (known) {
    case 'path':
      io.write(`${io.path}\n`)
      return EXIT.ok
    case 'list':
      list(program, io)
      return EXIT.ok
    case 'get': {
      const setting = settingOf(program, key ?? '')
      applyDefaults(program, io.env, io.read())
      io.write(`${shown(program, setting)}\n`)
      return EXIT.ok
    }
    case 'set': {
      const setting = settingOf(program, key ?? '')
      const text = absolute(setting.option, (value ?? '').trim(), process.cwd())
      parsed(setting, text, process.cwd(), 'Nothing was changed', 'Set it again with another value.')
      io.read().with(setting.key, text).write()
      return EXIT.ok
    }
    case 'unset': {
      const file = io.read()
      const isThere = file.entries().some(entry => entry.key === key)
      // What is no setting may be taken out of the file: that is how it is repaired.
      if (isThere) file.with(key ?? '', null).write()
      else settingOf(program, key ?? '')
      return EXIT.ok
    }
  }
}

function list(program: Command, io: ConfigIO): void {
  const file = io.read()
  applyDefaults(program, io.env, file)
  const rows = settingsOf(program).map(setting => {
    const source = sourceOf(program, setting)
    return { key: setting.key, value: shown(program, setting), source, from: from(setting, source) }
  })
  if (program.getOptionValue('json') === true) {
    const line = ({ key, value, source }: (typeof rows)[number]) =>
      JSON.stringify({ event: 'setting', t: io.now(), key, value: value === '' ? null : value, source })
    io.write(rows.map(row => `${line(row)}\n`).join(''))
    return
  }
  const lines = columns(rows.map(row => [row.key, row.value, row.from]))
  io.write(`${lines.join('\n')}\n\nFile: ${file.path}${file.lines.length === 0 ? ' (there is none yet)' : ''}\n`)
}

function from({ key, variable }: Setting, source: Source): string {
  if (source === 'flag') return `flag --${key}`
  if (source === 'environment') return `environment ${variable}`
  return source === 'unset' ? 'not set' : source
}

function shown(program: Command, { option }: Setting): string {
  const value: unknown = program.getOptionValue(option.attributeName())
  return value === undefined || value === null ? '' : String(value)
}

function settingOf(program: Command, key: string): Setting {
  const settings = settingsOf(program)
  const setting = settings.find(each => each.key === key.replace(/^--/, ''))
  if (setting) return setting
  throw usage(unknownKey(key, settings))
}

function usage(message: string): CommandProblem {
  const hint = 'Use config, config path, config get KEY, config set KEY VALUE, or config unset KEY.'
  return new CommandProblem('usage', message, hint, EXIT.usage)
}
