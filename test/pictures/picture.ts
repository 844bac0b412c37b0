/** A terminal's screens as an SVG that any browser shows, moving where there are several. */
import { blockOf } from './blocks.js'
import type { Row, Run, Style } from './sgr.js'

export interface Frame {
  readonly rows: readonly Row[]
  /** Null: not shown. */
  readonly cursor: { readonly column: number; readonly row: number } | null
  /** How long it stays, ms. */
  readonly ms: number
}

export interface PictureOptions {
  readonly columns: number
  /** Rows of the window; the last ones may stay empty. */
  readonly rows: number
  /** For who can't see it, and in the window's bar. */
  readonly title: string
  /** Number of the frame that is shown where nothing moves. */
  readonly still?: number
}

const [CELL_WIDTH, CELL_HEIGHT, BASELINE] = [8.4, 19, 14]
const [MARGIN, BAR, FONT_SIZE] = [14, 32, 14]
const [GROUND, INK, BAR_INK] = ['#0d1117', '#d1d7de', '#8b949e']
const FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

/** From which frame to which (not included) something is there. */
interface Span {
  readonly from: number
  readonly to: number
}

interface Piece extends Span {
  readonly svg: string
}

export function drawPicture(frames: readonly Frame[], { columns, rows, title, still = 0 }: PictureOptions): string {
  const [width, height] = [2 * MARGIN + columns * CELL_WIDTH, BAR + rows * CELL_HEIGHT + MARGIN]
  const pieces = Array.from({ length: rows }, (_, row) => piecesOf(frames, frame => drawRow(frame, row))).flat()
  const spans = new Map(pieces.map(({ from, to }) => [`s${from}-${to}`, { from, to }]))
  const moving = [...spans].filter(([, { from, to }]) => to - from < frames.length)
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, n) => `<circle cx="${18 + 18 * n}" cy="16" r="5.5" fill="${fill}"/>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>text{font:${FONT_SIZE}px ${FONT};fill:${INK};white-space:pre}`,
    ...(moving.length > 0 ? motion(moving, frames, still) : []),
    '</style>',
    `<rect width="${round(width)}" height="${round(height)}" rx="8" fill="${GROUND}"/>`,
    ...dots,
    `<text x="${round(width / 2)}" y="20.5" text-anchor="middle" style="fill:${BAR_INK};font-size:12px">${escaped(title)}</text>`,
    `<g transform="translate(${MARGIN} ${BAR})">`,
    ...pieces.map(({ svg, from, to }) => (to - from < frames.length ? `<g class="s${from}-${to}">${svg}</g>` : svg)),
    '</g></svg>',
    '',
  ].join('\n')
}

/** What is drawn for one row through all frames; equal neighbours are one piece. */
function piecesOf(frames: readonly Frame[], draw: (frame: Frame) => string): Piece[] {
  const pieces: Piece[] = []
  for (const [n, frame] of frames.entries()) {
    const svg = draw(frame)
    const last = pieces.at(-1)
    if (last?.svg === svg) pieces[pieces.length - 1] = { ...last, to: n + 1 }
    else pieces.push({ svg, from: n, to: n + 1 })
  }
  return pieces.filter(({ svg }) => svg !== '')
}

/** Who wants nothing to move gets the still. */
function motion(moving: readonly (readonly [string, Span])[], frames: readonly Frame[], still: number): string[] {
  const resting = ({ from, to }: Span) => (still >= from && still < to ? 'visible' : 'hidden')
  return [
    ...moving.map(([name, span]) => `.${name}{visibility:${resting(span)}}`),
    '@media(prefers-reduced-motion:no-preference){',
    ...moving.map(([name, { from, to }]) => keyframes(name, from, to, frames)),
    '}',
  ]
}

function keyframes(name: string, from: number, to: number, frames: readonly Frame[]): string {
  const total = timeOf(frames, frames.length)
  const at = (frame: number) => `${round((timeOf(frames, frame) / total) * 100)}%`
  const steps = [`0%{visibility:${from === 0 ? 'visible' : 'hidden'}}`]
  if (from > 0) steps.push(`${at(from)}{visibility:visible}`)
  if (to < frames.length) steps.push(`${at(to)},100%{visibility:hidden}`)
  else steps.push('100%{visibility:visible}')
  return `@keyframes ${name}{${steps.join('')}}.${name}{animation:${name} ${round(total / 1000)}s step-end infinite}`
}

function timeOf(frames: readonly Frame[], count: number): number {
  return frames.slice(0, count).reduce((sum, { ms }) => sum + ms, 0)
}

function drawRow({ rows, cursor }: Frame, number: number): string {
  const top = number * CELL_HEIGHT
  const runs = rows[number] ?? []
  const caret =
    cursor?.row === number
      ? `<rect x="${round(cursor.column * CELL_WIDTH)}" y="${top + 1}" width="${CELL_WIDTH}" height="${CELL_HEIGHT - 2}" fill="${BAR_INK}"/>`
      : ''
  return caret + runs.map(run => drawRun(run, top)).join('')
}

function drawRun(run: Run, top: number): string {
  const { fg, bg } = colours(run.style)
  const length = [...run.text].length
  const ground = bg === null ? '' : rect([run.column * CELL_WIDTH, top, length * CELL_WIDTH, CELL_HEIGHT], bg)
  return (
    ground +
    split(run)
      .map(part => drawPart(part, top, fg ?? INK))
      .join('')
  )
}

/** Text, blocks and spaces apart: blocks are drawn, spaces need nothing. */
function split({ column, text, style }: Run): Run[] {
  const parts: Run[] = []
  for (const [part] of text.matchAll(/[\u2580-\u2590]+|[^\u2580-\u2590 ]+(?: [^\u2580-\u2590 ]+)*| +/g)) {
    if (part.trim() !== '') parts.push({ column, text: part, style })
    column += [...part].length
  }
  return parts
}

function drawPart({ column, text, style }: Run, top: number, fg: string): string {
  const opacity = style.dim ? ' opacity=".6"' : ''
  const [left, characters] = [column * CELL_WIDTH, [...text]]
  if (blockOf(characters[0] ?? '') !== null)
    return characters
      .flatMap((character, n) =>
        (blockOf(character) ?? []).map(([x, y, width, height]) => {
          const place = [
            left + (n + x) * CELL_WIDTH,
            top + y * CELL_HEIGHT,
            width * CELL_WIDTH,
            height * CELL_HEIGHT,
          ] as const
          return rect(place, fg, opacity)
        }),
      )
      .join('')
  const css = [
    fg === INK ? '' : `fill:${fg}`,
    style.bold ? 'font-weight:bold' : '',
    style.italic ? 'font-style:italic' : '',
    style.underline ? 'text-decoration:underline' : '',
  ].filter(part => part !== '')
  // Whatever the font's own width, columns stay columns.
  const fitted = `textLength="${round(characters.length * CELL_WIDTH)}" lengthAdjust="spacingAndGlyphs"`
  const styled = css.length > 0 ? ` style="${css.join(';')}"` : ''
  return `<text x="${round(left)}" y="${round(top + BASELINE)}" ${fitted}${styled}${opacity}>${escaped(text)}</text>`
}

function colours({ fg, bg, reverse }: Style): { fg: string | null; bg: string | null } {
  return reverse ? { fg: bg ?? GROUND, bg: fg ?? INK } : { fg, bg }
}

function rect([x, y, width, height]: readonly [number, number, number, number], fill: string, more = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${more}/>`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
