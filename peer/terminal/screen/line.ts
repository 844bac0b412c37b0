/** A line of the screen: pieces of text, each with its style. All of it is one column a character. */

/** What a piece means for the eye. The words have to say it too: there may be no colour. */
export type Style = 'plain' | 'dim' | 'bold' | 'good' | 'warn' | 'bad' | 'badge'

export interface Span {
  readonly text: string
  readonly style: Style
}

export type Line = readonly Span[]

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style }
}

export function textOf(line: Line): string {
  return line.map(({ text }) => text).join('')
}

/** Columns. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0)
}

/** At most `width` columns of it. */
export function cut(line: Line, width: number): Line {
  const kept: Span[] = []
  let room = Math.max(0, width)
  for (const { text, style } of line) {
    if (room === 0) break
    kept.push({ text: text.slice(0, room), style })
    room -= Math.min(room, text.length)
  }
  return kept
}

/** A part of a line that may be left out: the highest rank goes first, rank 0 stays. */
export interface Part {
  readonly rank: number
  readonly line: Line
}

export function part(rank: number, ...line: Span[]): Part {
  return { rank, line }
}

/** The parts side by side, without those that have no room in `width` columns. */
export function fit(parts: readonly Part[], width: number, gap = '  '): Line {
  let kept = parts.filter(({ line }) => line.length > 0)
  for (;;) {
    const line = kept.flatMap(({ line }, i) => (i === 0 ? line : [span(gap), ...line]))
    const worst = Math.max(0, ...kept.map(({ rank }) => rank))
    if (widthOf(line) <= width) return line
    if (worst === 0) return cut(line, width)
    const last = kept.findLastIndex(({ rank }) => rank === worst)
    kept = kept.toSpliced(last, 1)
  }
}
