/**
 * The file of one's defaults: a line `key = value` each, `#` begins a comment line. Values are written as on the command
 * line, so that one parser reads both, and what a person wrote around them survives `config set`.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { realTarget, writeAtomically } from '../../protocol/node-atomic-write.js'
import { fileReason } from '../../protocol/node-file-reason.js'
import { CONFIG_FOLDER } from './config-folder.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'

export const SETTINGS_PATH = join(CONFIG_FOLDER, 'peer.conf')

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

/** A file of settings, as it was read. Nothing in it is judged but its form. */
export class SettingsFile {
  private constructor(
    readonly path: string,
    readonly lines: readonly string[],
  ) {}

  /** An absent file is an empty one. Throws a CommandProblem where there is one that can't be read. */
  static read(path: string = SETTINGS_PATH): SettingsFile {
    let bytes: Buffer
    try {
      bytes = readFileSync(path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return new SettingsFile(path, [])
      throw unusable(path, 'read', error)
    }
    return SettingsFile.parse(path, bytes)
  }

  /** What a file holds. Throws a CommandProblem where it is no text of lines. */
  static parse(path: string, bytes: Uint8Array): SettingsFile {
    const text = Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
    if (bytes.length > MAX_BYTES || text.includes('\0') || text.includes('\uFFFD'))
      throw damaged(path, 'It is not a text of "key = value" lines.')
    return new SettingsFile(path, text.split(/\r?\n/))
  }

  /** What it says, in order. Throws a CommandProblem for a line that says nothing, and for a key that comes twice. */
  entries(): readonly SettingLine[] {
    const entries: SettingLine[] = []
    for (const [index, raw] of this.lines.entries()) {
      if (/^\s*(#|$)/.test(raw)) continue
      const [, key = '', text = ''] = LINE.exec(raw.trim()) ?? []
      const line = index + 1
      if (key === '') throw damaged(this.path, `Line ${line} is "${shortened(raw)}".`)
      const twin = entries.find(entry => entry.key === key)
      if (twin) throw damaged(this.path, `"${key}" is set twice, on lines ${twin.line} and ${line}.`)
      entries.push({ line, key, text: text.trim() })
    }
    return entries
  }

  /** The file with this key set, where it stands now or at the end; `text` null: without it. The form must be good. */
  with(key: string, text: string | null): SettingsFile {
    const at = this.entries().find(entry => entry.key === key)
    const line = text === null ? [] : [`${key} = ${text}`]
    if (at) return new SettingsFile(this.path, this.lines.toSpliced(at.line - 1, 1, ...line))
    const end = this.lines.at(-1) === '' ? this.lines.slice(0, -1) : this.lines
    return new SettingsFile(this.path, [...end, ...line, ''])
  }

  /** Writes it whole or not at all, readable by its owner only. Throws a CommandProblem. */
  write(): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
      writeAtomically(realTarget(this.path), this.lines.join('\n'))
    } catch (error) {
      throw unusable(this.path, 'written', error)
    }
  }
}

function shortened(text: string): string {
  return text.trim().slice(0, 40)
}

function damaged(path: string, what: string): CommandProblem {
  return new CommandProblem(
    'badConfig',
    `The configuration ${path} is damaged. ${what}`,
    'A line is "key = value", or a comment that begins with "#". Correct it, or move the file away; it is left as it is.',
    EXIT.usage,
  )
}

function unusable(path: string, what: 'read' | 'written', error: unknown): CommandProblem {
  return new CommandProblem(
    'configFile',
    `The configuration ${path} cannot be ${what}: ${fileReason(error)}.`,
    'Make that file yours, or set XDG_CONFIG_HOME to another folder.',
    EXIT.usage,
  )
}
