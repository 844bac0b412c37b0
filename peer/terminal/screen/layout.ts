import { asLabel } from '../peer-name.js'
import type { Glyphs } from './glyphs.js'
import { cut, fit, type Line, type Part, type Span, span, textOf, widthOf } from './line.js'

/** In fewer columns there is no room to name what the figures are. */
const LABELLED_COLUMNS = 36

/** Lays out the lines of the panel: each with its label, its parts as far as there is room. */
export class Layout {
  /** Columns. */
  readonly width: number
  readonly glyphs: Glyphs
  /** What labels the line of the other side. */
  readonly #peer: string
  readonly #labels: number
  readonly #indent: string

  constructor(width: number, glyphs: Glyphs, peer: string) {
    this.width = width
    this.glyphs = glyphs
    this.#peer = asLabel(peer)
    const labelled = width >= LABELLED_COLUMNS - 1
    this.#indent = labelled ? '  ' : ''
    const longest = Math.max(7, this.#peer.length)
    this.#labels = labelled ? Math.min(longest, Math.floor(width / 5)) + 2 : 4
  }

  /** Columns of a line of text. */
  get room(): number {
    return this.width - this.#indent.length
  }

  /** A rule with the parts at its left, and a text at its right. */
  heading(parts: readonly Part[], right: string): Line {
    const rule = this.glyphs.rule
    const [begin, end] = this.#indent === '' ? ['', ''] : [`${rule}${rule} `, ` ${rule}${rule}`]
    const room = this.width - begin.length - right.length - end.length - 2
    if (room < widthOf(parts[0]?.line ?? [])) return cut([span(begin, 'dim'), ...(parts[0]?.line ?? [])], this.width)
    const middle = fit(parts, room, ` ${rule}${rule} `)
    const between = rule.repeat(Math.max(0, room - widthOf(middle)))
    return [span(begin, 'dim'), ...middle, span(` ${between} ${right}${end}`, 'dim')]
  }

  /** Without a label. */
  text(parts: readonly Part[], gap = '  '): Line {
    const line = fit(parts, this.room, gap)
    return line.length === 0 ? [] : [span(this.#indent), ...line]
  }

  /** All of the parts, or null where they have no room. */
  whole(parts: readonly Part[]): Line | null {
    const line = this.text(parts)
    return parts.every(part => textOf(line).includes(textOf(part.line))) ? line : null
  }

  /** With one. */
  row(label: string, parts: readonly Part[], gap = '  '): Line {
    const head = this.label(label)
    return [...head, ...fit(parts, this.width - widthOf(head), gap)]
  }

  /** The label alone: what belongs behind it is for the caller. */
  label(label: string): Line {
    // Without room for labels, only the two meters have to be told apart.
    if (this.#indent === '' && label !== 'You' && label !== this.#peer) return []
    const room = this.#labels - (this.#indent === '' ? 1 : 2)
    const text = this.short(label, room).padEnd(this.#labels)
    return [span(`${this.#indent}${text}`, label === this.#peer ? 'plain' : 'dim')]
  }

  /** At most `room` columns of a text. */
  short(text: string, room: number): string {
    return text.length <= room ? text : `${text.slice(0, room - 1)}${this.glyphs.more}`
  }
}

/** A key to press, and what it does. */
export function key(name: string, what: string): Span[] {
  return [span(`[${name}]`, 'bold'), ...(what === '' ? [] : [span(` ${what}`)])]
}
