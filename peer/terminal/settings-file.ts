/** The file of one's defaults. What a person wrote around them survives `config set`. */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { realTarget, writeAtomically } from '../../protocol/node-atomic-write.js'
import { fileReason } from '../../protocol/node-file-reason.js'
import { linesOf, type SettingLine, settingLines } from '../../protocol/node-setting-lines.js'
import { CONFIG_FOLDER } from './config-folder.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'

export const SETTINGS_PATH = join(CONFIG_FOLDER, 'peer.conf')

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
    const lines = linesOf(bytes)
    if (!lines.ok) throw damaged(path, lines.error.message)
    return new SettingsFile(path, lines.value)
  }

  /** What it says, in order. Throws a CommandProblem for a line that says nothing, and for a key that comes twice. */
  entries(): readonly SettingLine[] {
    const { entries, bad } = settingLines(this.lines)
    if (bad[0]) throw damaged(this.path, `Line ${bad[0].line} is "${bad[0].text}".`)
    const lineOf = new Map<string, number>()
    for (const { key, line } of entries) {
      const twin = lineOf.get(key)
      if (twin !== undefined) throw damaged(this.path, `"${key}" is set twice, on lines ${twin} and ${line}.`)
      lineOf.set(key, line)
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
