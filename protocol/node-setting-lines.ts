/**
 * A file of settings, by its form alone: a line `key = value` each, `#` begins a comment line. The peer's and the server's are written
 * alike. Values are written as on the command line, so that one parser reads both.
 */
import { fail, ok, type Result } from './result.js'

/** One line that says something. `line` counts from 1. */
export interface SettingLine {
  readonly line: number
  readonly key: string
  readonly text: string
}

/** Of a trimmed line. No two parts of it that stand side by side take the same characters: else a long line takes for ever. */
const LINE = /^([A-Za-z][\w-]*)\s*=(.*)$/
/** Far more than anyone writes, bytes. */
const MAX_BYTES = 100_000

/** The lines of a file, as they stand in it. */
export function linesOf(bytes: Uint8Array): Result<readonly string[], 'noText'> {
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  if (bytes.length > MAX_BYTES || text.includes('\0') || text.includes('\uFFFD'))
    return fail('noText', 'It is not a text of "key = value" lines.')
  return ok(text.split(/\r?\n/))
}

/** What the lines say, in order, and those that say nothing, shortened. */
export function settingLines(lines: readonly string[]): {
  readonly entries: readonly SettingLine[]
  readonly bad: readonly Omit<SettingLine, 'key'>[]
} {
  const entries: SettingLine[] = []
  const bad: Omit<SettingLine, 'key'>[] = []
  for (const [index, raw] of lines.entries()) {
    if (/^\s*(#|$)/.test(raw)) continue
    const [, key, text = ''] = LINE.exec(raw.trim()) ?? []
    const line = index + 1
    if (key === undefined) bad.push({ line, text: raw.trim().slice(0, 40) })
    else entries.push({ line, key, text: text.trim() })
  }
  return { entries, bad }
}

const YES = ['true', 'yes', 'on', '1']
const NO = ['false', 'no', 'off', '0']

/** What a switch is set to; null: it is neither on nor off. */
export function switchOf(text: string): boolean | null {
  const word = text.trim().toLowerCase()
  return YES.includes(word) ? true : NO.includes(word) ? false : null
}

/** `VOICECHAT_PASSWORD_FILE` of `password-file`. */
export function variableOf(key: string): string {
  return `VOICECHAT_${key.toUpperCase().replaceAll('-', '_')}`
}
