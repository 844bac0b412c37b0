/** A terminal in memory, xterm's own, so that what was written can be seen as a person sees it. */
import headless, { type Terminal as TerminalType } from '@xterm/headless'

export class Emulator {
  readonly #terminal: TerminalType
  bells = 0
  /** All that was written. */
  raw = ''

  constructor(columns: number, rows: number) {
    this.#terminal = new headless.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true })
    this.#terminal.onBell(() => this.bells++)
  }

  write(text: string): void {
    this.raw += text
    this.#terminal.write(text)
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#written()
    this.#terminal.resize(columns, rows)
  }

  /** Everything, what went up into the history included, a string each line of the terminal; without empty ones at the end. */
  async all(): Promise<string[]> {
    await this.#written()
    const { active } = this.#terminal.buffer
    return trimmed(Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? ''))
  }

  /** The same, with lines that the terminal wrapped put together again: what would be copied. */
  async copied(): Promise<string[]> {
    await this.#written()
    const { active } = this.#terminal.buffer
    const lines: string[] = []
    for (let y = 0; y < active.length; y++) {
      const line = active.getLine(y)
      const goesOn = active.getLine(y + 1)?.isWrapped ?? false
      const text = line?.translateToString(!goesOn) ?? ''
      if (line?.isWrapped) lines.push(`${lines.pop() ?? ''}${text}`)
      else lines.push(text)
    }
    return trimmed(lines)
  }

  /** What is to be seen. */
  async screen(): Promise<string[]> {
    await this.#written()
    const { active } = this.#terminal.buffer
    const rows = Array.from({ length: this.#terminal.rows }, (_, y) => active.getLine(active.baseY + y))
    return trimmed(rows.map(line => line?.translateToString(true) ?? ''))
  }

  async #written(): Promise<void> {
    await new Promise<void>(resolve => this.#terminal.write('', resolve))
  }
}

function trimmed(lines: string[]): string[] {
  return lines.slice(0, lines.findLastIndex(line => line.trimEnd() !== '') + 1).map(line => line.trimEnd())
}
