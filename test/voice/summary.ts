/** Many spoken calls as one table: a line a condition, each figure the median over its calls and their two ways. */
import { fixed, median, percentile } from '../bench/figures.js'
import type { Condition } from './condition.js'
import type { OneWay, Spoken, SpokenCall } from './spoken.js'

const HEADS = [
  'condition',
  'p50 ms',
  'p95 ms',
  'STOI',
  'ESTOI',
  'concealed %',
  'lost %',
  'kb/s each way',
  'by relay %',
  'scaled %',
]

/** Markdown: a table of all conditions, and a line for each that has more to tell. */
export function summary(played: ReadonlyMap<Condition, readonly SpokenCall[]>): string[] {
  const rows = [HEADS, HEADS.map((_, column) => (column === 0 ? '---' : '---:'))]
  const more: string[] = []
  for (const [condition, calls] of played) {
    rows.push(row(condition, calls))
    more.push(...details(condition, calls))
  }
  const widths = HEADS.map((_, column) => Math.max(...rows.map(cells => cells[column]!.length)))
  const pad = (cell: string, column: number) =>
    cell.startsWith('---') ? cell.padStart(widths[column]!, '-') : cell.padStart(widths[column]!)
  const lines = rows.map(
    cells =>
      `| ${cells.map((cell, n) => (n === 0 && !cell.startsWith('---') ? cell.padEnd(widths[0]!) : pad(cell, n))).join(' | ')} |`,
  )
  return more.length ? [...lines, '', ...more] : lines
}

function row({ title }: Condition, calls: readonly SpokenCall[]): string[] {
  const ways = calls.flatMap(call => call.ways)
  const over = (figure: (way: OneWay) => number) => median(ways.map(figure))
  const delays = (part: number) => over(way => percentile(way.parts.flatMap(delaysOf), part))
  const stoi = (key: 'stoi' | 'estoi') => over(way => mean(way.parts.map(part => part[key])))
  const rates = ([0, 1] as const).map(n => fixed(median(calls.map(call => call.ways[n].kbps)), 1))
  const scaled = ways.every(way => way.scaledPct !== null)
    ? fixed(
        over(way => way.scaledPct!),
        1,
      )
    : '-'
  return [
    title,
    fixed(delays(0.5), 1),
    fixed(delays(0.95), 1),
    fixed(stoi('stoi'), 3),
    fixed(stoi('estoi'), 3),
    fixed(
      over(way => way.concealedPct),
      2,
    ),
    fixed(
      over(way => way.lostPct),
      2,
    ),
    rates.join(' / '),
    fixed(over(way => way.relayPct)),
    scaled,
  ]
}

function details({ title, later, parts }: Condition, calls: readonly SpokenCall[]): string[] {
  const ways = calls.flatMap(call => call.ways)
  if (later) {
    const after = ways.map(way =>
      way.parts[0]!.track.filter(({ at }) => at > later.afterMs).map(point => point.delayMs),
    )
    const over = (part: number) => fixed(median(after.map(values => percentile(values, part))))
    const matched = median(ways.map(({ parts: [part] }) => (100 * part!.track.length) / part!.windows))
    return [
      `- ${title}: from then on p50 ${over(0.5)}, p95 ${over(0.95)}, peak ${over(1)} ms (of windows in which speech was found at all: ${fixed(matched)} %)`,
    ]
  }
  if (parts.length === 1) return []
  const each = parts.map((_, n) => fixed(median(ways.map(way => percentile(delaysOf(way.parts[n]!), 0.5))), 1))
  return [`- ${title}: p50 at ${parts.map(at => `${fixed(at / 60_000)} min`).join(', ')}: ${each.join(', ')} ms`]
}

function delaysOf(part: Spoken): number[] {
  return part.track.map(point => point.delayMs)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
