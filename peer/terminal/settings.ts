/**
 * The settings: what may stand in one's configuration file or in the environment, derived from the command line's own
 * options and read by their own parsers.
 */
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, type Option } from 'commander'
import { didYouMean } from '../../protocol/did-you-mean.js'
import { switchOf, variableOf } from '../../protocol/node-setting-lines.js'
import { parsePersonId } from './person-id.js'
import { CommandProblem } from './problem.js'
import { serverUrl } from './server-address.js'

/** Options that belong to one run, or to whoever started it: no setting. */
const ONE_RUN = [
  'help',
  'version',
  'json',
  'verbose',
  'inspect',
  'record',
  'list-devices',
  'test-call',
  'echo',
  'new',
  'code',
]

/** What the option's parser lets through, because it is looked at later: a file should not have to wait for a call. */
const CHECKS: Readonly<Record<string, (text: string) => void>> = {
  id: checkId,
  to: checkId,
  server: text => void serverUrl(text),
}

export interface Setting {
  /** The option's name without dashes, `password-file`. */
  readonly key: string
  /** Its environment variable, `VOICECHAT_PASSWORD_FILE`. */
  readonly variable: string
  readonly option: Option
}

/** All there are, in the order of the options. The password itself never is one. */
export function settingsOf(program: Command): readonly Setting[] {
  return program.options
    .filter(option => !option.negate && !ONE_RUN.includes(option.name()) && option.name() !== 'password')
    .map(option => ({ key: option.name(), variable: variableOf(option.name()), option }))
}

/**
 * The value that the option would have with this text. Relative paths start at `folder`. Throws an InvalidArgumentError
 * whose message says what is allowed.
 */
export function parseSetting({ key, option }: Setting, text: string, folder: string): unknown {
  if (/[\r\n\0]/.test(text)) throw new InvalidArgumentError('A value is one line.')
  if (option.isBoolean()) {
    const is = switchOf(text)
    if (is !== null) return is
    throw new InvalidArgumentError('It is true or false.')
  }
  if (text === '') throw new InvalidArgumentError('It needs a value.')
  try {
    CHECKS[key]?.(text)
  } catch (error) {
    if (error instanceof CommandProblem) throw new InvalidArgumentError(error.hint)
    throw error
  }
  const whole = absolute(option, text, folder)
  return option.parseArg ? (option.parseArg(whole, undefined as never) as unknown) : whole
}

/** The text with its path made absolute, if it is one: it has to mean the same from each folder. */
export function absolute({ flags }: Option, text: string, folder: string): string {
  if (flags.includes('<file>')) return resolve(folder, text)
  const isDevice = flags.includes('<device>') && /^file:./.test(text)
  return isDevice ? `file:${resolve(folder, text.slice('file:'.length))}` : text
}

/** Why a word is no key: said of a file, of the command line, and of nothing else. */
export function unknownKey(key: string, settings: readonly Setting[]): string {
  if (key === 'password')
    return 'A password does not belong into a configuration: put it into a file of its own, and that file\'s path here as "password-file".'
  if (ONE_RUN.includes(key)) return `"${key}" is for one run, on the command line only.`
  const keys = settings.map(setting => setting.key)
  return `"${key}" is no setting.${didYouMean(key, keys) || ` There are: ${keys.join(', ')}.`}`
}

function checkId(text: string): void {
  const parsed = parsePersonId(text)
  if (!parsed.ok) throw new InvalidArgumentError(parsed.error.message)
}
