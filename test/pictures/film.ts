/** Takes down what a terminal shows, moment by moment. */
import type { Terminal } from '../system/terminal.js'
import type { Frame } from './picture.js'
import { parseScreen } from './sgr.js'

/** What differs from run to run, or tells of the machine: the same in all pictures. */
export type Replacement = readonly [what: string | RegExp, by: string]

export class Film {
  readonly frames: Frame[] = []

  constructor(
    private readonly terminal: Terminal,
    private readonly replacements: Replacement[],
  ) {}

  /** The screen as it is now, to be shown for `ms`; the same as before only stays longer. */
  async take(ms: number): Promise<void> {
    const { lines, cursor } = await this.terminal.painted()
    const rows = parseScreen(lines.map(line => this.replacements.reduce(replaced, line)))
    const last = this.frames.at(-1)
    const same = last && JSON.stringify([last.rows, last.cursor]) === JSON.stringify([rows, cursor])
    if (same) this.frames[this.frames.length - 1] = { ...last, ms: last.ms + ms }
    else this.frames.push({ rows, cursor, ms })
  }

  /** Types as a person does, a frame for each few letters. */
  async type(text: string): Promise<void> {
    for (const part of text.match(/.{1,3}/g) ?? []) {
      await this.terminal.type(part)
      await this.terminal.settled()
      await this.take(120)
    }
  }

  /** From now on `what` is shown as `by`. */
  replace(what: string | RegExp, by: string): void {
    this.replacements.push([what, by])
  }

  /** The number of the newest frame. */
  get newest(): number {
    return this.frames.length - 1
  }

  /** Rows that are not empty in at least one frame. */
  get height(): number {
    return Math.max(
      ...this.frames.map(({ rows }) => rows.findLastIndex(runs => runs.some(({ text }) => text.trim())) + 1),
    )
  }
}

/** What stands in columns further right stays there, as far as spaces allow. */
export function replaced(line: string, [what, by]: Replacement): string {
  const found = typeof what === 'string' ? line.indexOf(what) : line.search(what)
  if (found < 0) return line
  const old = typeof what === 'string' ? what : (what.exec(line)?.[0] ?? '')
  const rest = line.slice(found + old.length)
  const more = old.length - by.length
  const moved = rest.replace(/ {2,}/, gap => ' '.repeat(Math.max(2, gap.length + more)))
  return line.slice(0, found) + by + moved
}
