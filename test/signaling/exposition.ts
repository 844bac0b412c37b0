/**
 * Prometheus' text format 0.0.4, read strictly: all that its description asks for, and what a family of each type must hold. Throws an Error
 * that tells the first line which is wrong. Written here, since a library's own reader forgives what Prometheus does not.
 */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const HEADER = /^# (HELP|TYPE) (\S+) (.+)$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,(?=.)|$)/y

export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const families = new Map<string, Family>()
  const series = new Set<string>()
  let help: { name: string; text: string } | null = null
  let family: Family | null = null
  for (const line of text.slice(0, -1).split('\n')) {
    const bad = (why: string) => new Error(`${why}: ${line}`)
    if (line === '') continue
    if (line.startsWith('#')) {
      const [, kind, name = '', rest = ''] = HEADER.exec(line) ?? []
      if (!NAME.test(name)) throw bad('no header')
      if (kind === 'HELP') {
        if (families.has(name) || help) throw bad('a second or misplaced help')
        help = { name, text: rest }
        continue
      }
      if (help?.name !== name) throw bad('a type without its help')
      if (rest !== 'counter' && rest !== 'gauge' && rest !== 'histogram') throw bad('an unknown type')
      family = { name, type: rest, help: help.text, samples: [] }
      families.set(name, family)
      help = null
      continue
    }
    if (help || !family) throw bad('a sample outside of a family')
    const sample = sampleIn(line)
    if (!sample) throw bad('no sample')
    if (!belongs(sample.name, family)) throw bad(`not of ${family.name}`)
    const key = seriesOf(sample)
    if (series.has(key)) throw bad('a series twice')
    series.add(key)
    family.samples.push(sample)
  }
  for (const each of families.values()) check(each)
  return families
}

/** A sample's name and labels, in one order. */
export function seriesOf({ name, labels }: Sample): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
}

/** The value of one series; throws where there is none. */
export function numberOf(families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number {
  const key = seriesOf({ name, labels, value: 0 })
  for (const { samples } of families.values())
    for (const sample of samples) if (seriesOf(sample) === key) return sample.value
  throw new Error(`there is no ${key}`)
}

function sampleIn(line: string): Sample | null {
  const [, name = '', inside = '', number = ''] = SAMPLE.exec(line) ?? []
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < inside.length) {
    const [, label, value = ''] = LABEL.exec(inside) ?? []
    if (label === undefined || label in labels) return null
    labels[label] = value
  }
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number)
  return name === '' || Number.isNaN(value) ? null : { name, labels, value }
}

function belongs(name: string, family: Family): boolean {
  if (family.type !== 'histogram') return name === family.name
  return ['_bucket', '_sum', '_count'].some(end => name === family.name + end)
}

function check({ name, type, samples }: Family): void {
  if (samples.length === 0) throw new Error(`${name} has no samples`)
  if (type !== 'histogram' && samples.some(({ labels }) => 'le' in labels || 'quantile' in labels))
    throw new Error(`${name} has a label of another type`)
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} is a counter and not called so`)
  if (type !== 'gauge' && samples.some(({ value }) => !(value >= 0 && Number.isFinite(value))))
    throw new Error(`${name} can't be less than nothing`)
  if (type !== 'histogram') return
  const buckets = samples.filter(sample => sample.name === `${name}_bucket`)
  const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)))
  const rising = (values: readonly number[], by: (a: number, b: number) => boolean) =>
    values.every((value, n) => n === 0 || by(values[n - 1]!, value))
  const counts = buckets.map(({ value }) => value)
  const count = samples.find(sample => sample.name === `${name}_count`)?.value
  if (!rising(bounds, (a, b) => a < b) || !rising(counts, (a, b) => a <= b)) throw new Error(`${name} falls`)
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count) throw new Error(`${name} is not whole`)
  if (!samples.some(sample => sample.name === `${name}_sum`)) throw new Error(`${name} has no sum`)
}
