import { HISTORY, type QualityMeter, qualityWord } from '../quality.js'
import type { Glyphs } from './glyphs.js'
import { type Line, type Span, span } from './line.js'

const STYLE = { good: 'good', fair: 'warn', poor: 'bad' } as const

/**
 * The quality of the last minute in at most `width` columns, always as many for a width; it grows to the right, and then moves left.
 * Where a column stands for several seconds it shows the worst of them.
 */
export function sparkline({ history, forgotten }: QualityMeter, width: number, glyphs: Glyphs): Line {
  if (width < 1) return []
  const each = Math.ceil(HISTORY / width)
  const columns: (number | null)[] = []
  // Columns begin at whole multiples, so that they keep their seconds while they move.
  for (let second = forgotten; second < forgotten + history.length; ) {
    const end = (Math.floor(second / each) + 1) * each
    const judged = history.slice(second - forgotten, end - forgotten).filter(quality => quality !== null)
    columns.push(judged.length > 0 ? Math.min(...judged) : null)
    second = end
  }
  const all = Math.ceil(HISTORY / each)
  const bars = columns.slice(-all).map(column => bar(column, glyphs))
  return [...bars, span(glyphs.empty.repeat(all - bars.length), 'dim')]
}

function bar(quality: number | null, { spark, none }: Glyphs): Span {
  if (quality === null) return span(none)
  const step = Math.min(spark.length - 1, Math.floor((quality / 100) * spark.length))
  return span(spark[step]!, STYLE[qualityWord(quality)])
}
