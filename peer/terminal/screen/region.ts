/**
 * The lines at the end of the output that are drawn anew in place. Between two writes the cursor stands, hidden, where they begin: a
 * terminal that wraps its lines anew when it is resized takes the cursor along, and what is below it can be cleared whatever
 * became of it.
 */
import type { Line, Style } from './line.js'

const ESC = '\x1b'
const SGR: Record<Style, string> = {
  plain: '',
  dim: '2',
  bold: '1',
  good: '32',
  warn: '33',
  bad: '31',
  badge: '7',
}
const HIDE = `${ESC}[?25l`
const SHOW = `${ESC}[?25h`
/** Lines that are too long by the width of this moment are cut and don't wrap: a terminal may have become narrower just now. */
const NO_WRAP = `${ESC}[?7l`
const WRAP = `${ESC}[?7h`
const SAVE = `${ESC}7`
const RESTORE = `${ESC}8`
/**
 * The line, then from its second column on: from the corner of the screen tmux takes it for the whole screen, and keeps what it clears
 * in its history; and of a line that is cleared in part it keeps the width.
 */
const CLEAR_BELOW = `\r${ESC}[2K${ESC}[C${ESC}[J\r`
const CLEAR_REST = `${ESC}[K`

/** Going past fewer cells costs more bytes than writing them again. */
const MIN_SKIP = 5

interface Cell {
  readonly char: string
  readonly style: Style
}

export class Region {
  #shown: Cell[][] = []

  /**
   * `colour`: whether styles are written at all. `xtermJs`: the terminal is xterm.js (VS Code's), which moves the cursor down when it
   * wraps lines below it.
   */
  constructor(
    private readonly write: (text: string) => void,
    private readonly colour: boolean,
    private readonly xtermJs = false,
  ) {}

  /** Shows these lines in place of those before; writes what differs, and nothing if nothing does. */
  show(lines: readonly Line[]): void {
    const next = lines.map(cellsOf)
    const text = next.length === this.#shown.length ? this.#changes(next) : this.#whole(next)
    this.#shown = next
    if (text !== '') this.write(text)
  }

  /** Writes lines of text (each with its newline) above. */
  above(text: string): void {
    if (this.#shown.length === 0) return this.write(text)
    this.write(`${CLEAR_BELOW}${text}${this.#drawing(this.#shown)}`)
  }

  /** Draws everything anew, in place of what the terminal made of it when it became so wide. */
  redraw(lines: readonly Line[], columns: number): void {
    const next = lines.map(cellsOf)
    const astray = this.xtermJs ? this.#astray(columns) : 0
    const text = `${astray > 0 ? `${ESC}[${astray}A` : ''}${this.#whole(next)}`
    this.#shown = next
    if (text !== '') this.write(text)
  }

  /**
   * How many rows xterm.js moved the cursor away from where the lines begin. It wraps from the last line up: each row that this adds
   * takes the cursor along, and the line that it then takes for the cursor's stays as it is. (Not so when the height changes with the
   * width, or when what it wraps doesn't fit into its window: then some of the old lines stay above.)
   */
  #astray(columns: number): number {
    let rows = 0
    for (let i = this.#shown.length - 1; i >= 0; i--)
      if (rows !== i) rows += Math.max(1, Math.ceil(this.#shown[i]!.length / columns)) - 1
    return rows
  }

  /** Takes the lines away and shows the cursor where they began. */
  clear(): void {
    if (this.#shown.length > 0) this.write(`${CLEAR_BELOW}${SHOW}`)
    this.#shown = []
  }

  #whole(next: readonly Cell[][]): string {
    if (next.length === 0) return this.#shown.length > 0 ? `${CLEAR_BELOW}${SHOW}` : ''
    return `${this.#shown.length > 0 ? CLEAR_BELOW : HIDE}${this.#drawing(next)}`
  }

  #drawing(lines: readonly Cell[][]): string {
    const text = lines.map(cells => this.#paint(cells)).join('\n')
    const up = lines.length > 1 ? `${ESC}[${lines.length - 1}A` : ''
    return `${NO_WRAP}${text}${WRAP}\r${up}`
  }

  #changes(next: readonly Cell[][]): string {
    let text = ''
    let row = 0
    for (const [i, cells] of next.entries()) {
      const before = this.#shown[i] ?? []
      const runs = runsOf(cells, before)
      const shorter = cells.length < before.length
      if (runs.length === 0 && !shorter) continue
      text += i > row ? `${ESC}[${i - row}B\r` : '\r'
      row = i
      let column = 0
      const goTo = (wanted: number) => (wanted > column ? `${ESC}[${wanted - column}C` : '')
      for (const [from, to] of runs) {
        text += goTo(from) + this.#paint(cells.slice(from, to))
        column = to
      }
      if (shorter) text += goTo(cells.length) + CLEAR_REST
    }
    return text === '' ? '' : `${SAVE}${NO_WRAP}${text}${WRAP}${RESTORE}`
  }

  #paint(cells: readonly Cell[]): string {
    let text = ''
    let style: Style = 'plain'
    for (const cell of cells) {
      if (this.colour && cell.style !== style) {
        text += cell.style === 'plain' ? `${ESC}[m` : `${ESC}[${style === 'plain' ? '' : '0;'}${SGR[cell.style]}m`
        style = cell.style
      }
      text += cell.char
    }
    return style === 'plain' ? text : `${text}${ESC}[m`
  }
}

function cellsOf(line: Line): Cell[] {
  return line.flatMap(({ text, style }) => [...text].map(char => ({ char, style })))
}

/** From where to where a line differs. What is alike for less than it costs to go past it counts as different. */
function runsOf(cells: readonly Cell[], before: readonly Cell[]): [number, number][] {
  const runs: [number, number][] = []
  for (const [at, cell] of cells.entries()) {
    if (same(cell, before[at])) continue
    const last = runs.at(-1)
    if (last && at - last[1] < MIN_SKIP) last[1] = at + 1
    else runs.push([at, at + 1])
  }
  return runs
}

function same(a: Cell, b: Cell | undefined): boolean {
  return a.char === b?.char && a.style === b.style
}
