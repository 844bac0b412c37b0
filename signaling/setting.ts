/** One thing that an operator may set, and what kinds of it there are. */
import { resolve } from 'node:path'
import { switchOf } from '../protocol/node-setting-lines.js'
import { fail, ok, type Result } from '../protocol/result.js'

export interface Setting<T = unknown> {
  /** For people, as --help says it. */
  readonly what: string
  /** What stands behind the flag, `<url>`; absent: nothing, it is a switch. */
  readonly operand?: string
  /** The value of a text, which is trimmed and not empty; relative paths start at `folder`. The error is a sentence: what is allowed. */
  readonly parse: (text: string, folder: string) => Result<T>
  /** The text of a value, as `parse` takes it; as String gives it unless given. */
  write?(value: T): string
  readonly default?: T
  /** May be given several times; then the value is a list. Commas part as well. */
  readonly repeatable?: true
  /** The title above it in --help, and of its section in the manual; that of all others unless given. */
  readonly group?: string
}

/** Off unless it is set. */
export function toggle(what: string) {
  return {
    what,
    default: false,
    parse: (text: string): Result<boolean> => {
      const is = switchOf(text)
      return is === null ? fail('noSwitch', 'It is true or false.') : ok(is)
    },
  } as const
}

/** The path of a file or a folder, made absolute: it has to mean the same from everywhere. */
export function path(operand: '<file>' | '<dir>', what: string) {
  return { what, operand, parse: (text: string, folder: string): Result<string> => ok(resolve(folder, text)) } as const
}

/** Any of the values that a text parted by commas holds, or why one is none. For what is not repeatable it is one text. */
export function parseTexts<T>(setting: Setting<T>, text: string, folder: string): Result<readonly T[]> {
  if (/[\r\n\0]/.test(text)) return fail('severalLines', 'It is one line.')
  const texts = (setting.repeatable ? text.split(',') : [text]).map(part => part.trim()).filter(part => part !== '')
  if (texts.length === 0) return fail('empty', 'It needs a value.')
  const values: T[] = []
  for (const part of texts) {
    const parsed = setting.parse(part, folder)
    if (!parsed.ok) return parsed
    values.push(parsed.value)
  }
  return ok(values)
}
