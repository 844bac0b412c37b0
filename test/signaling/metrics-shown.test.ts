/** What is written and drawn of the server's figures, held to what it shows. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { legFrame } from '../leg-message.js'
import { serve, taken } from './scraped.js'
import { realCall } from './ws-client.js'

const source = (path: string) => readFileSync(new URL(`../../../signaling/deploy/${path}`, import.meta.url), 'utf8')
/** What is in the table of metrics.md: name, type and values of the label. */
function table(): Record<string, string> {
  const rows = source('metrics.md').matchAll(/^\| `(\w+)` +\| (\w+) +\| (.*?) +\| /gm)
  return Object.fromEntries(
    Array.from(rows, ([, name = '', type = '', labels = '']) => [name, `${type} ${labels}`.trim()]),
  )
}

t.test('has the metrics that metrics.md lists, and no other', async t => {
  const { read } = await serve(t)
  const shown = [...(await read()).values()].map(({ name, type, samples }) => {
    const labels = new Map<string, string[]>()
    for (const sample of samples)
      for (const [label, value] of Object.entries(sample.labels))
        if (label !== 'le') labels.set(label, [...(labels.get(label) ?? []), value])
    const texts = [...labels].map(([label, values]) =>
      label === 'version'
        ? '`version`'
        : `\`${label}\`: ${values
            .sort()
            .map(value => `\`${value}\``)
            .join(', ')}`,
    )
    return [name, `${type} ${texts.join('; ')}`.trim()]
  })
  t.same(table(), Object.fromEntries(shown))
})

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: unknown
  readonly targets?: readonly { readonly expr: string; readonly refId: string; readonly datasource: unknown }[]
}

t.test('the dashboard shows metrics that there are, of a data source that is chosen in it', async t => {
  const { url, read } = await serve(t)
  const { a } = await realCall(url)
  a.socket.send(legFrame(0, [1]))
  await taken(a)
  const samples = [...(await read()).values()].flatMap(({ samples }) => samples)
  const { panels, templating } = JSON.parse(source('grafana-dashboard.json')) as {
    panels: Panel[]
    templating: { list: { name: string; type: string }[] }
  }
  t.match(templating.list[0], { name: 'datasource', type: 'datasource', query: 'prometheus' })
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'each panel has an id of its own')
  const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title)
  t.same(rows, ['People and calls', 'Relay', 'Refusals and drops', 'Process', 'Cluster'])
  const used = new Set<string>()
  for (const { title, type, targets = [], datasource } of panels.filter(({ type }) => type !== 'row')) {
    const chosen = { type: 'prometheus', uid: '$datasource' }
    t.same(datasource, chosen, `${title}, a ${type}`)
    t.ok(targets.length > 0)
    t.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length)
    for (const { expr, datasource } of targets) {
      t.same(datasource, chosen)
      const selectors = [...expr.matchAll(/\b((?:voicechat|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)]
      t.ok(selectors.length > 0, expr)
      for (const [, name = '', inside = ''] of selectors) {
        used.add(name)
        const own = [...inside.matchAll(/(\w+)="([^"]*)"/g)].filter(
          ([, label]) => label !== 'job' && label !== 'instance',
        )
        const there = samples.some(
          sample => sample.name === name && own.every(([, label = '', value]) => sample.labels[label] === value),
        )
        t.ok(there, `${name}{${own.map(([all]) => all)}} is there`)
      }
      for (const [, label = '', name] of expr.matchAll(/\bby \((\w+)\) \((?:rate\()?(\w+)/g)) {
        const there = samples.some(sample => sample.name === name && label in sample.labels)
        t.ok(there || label === 'instance', `${name} has the label ${label}`)
      }
    }
  }
  const own = Object.keys(table()).filter(name => name.startsWith('voicechat_'))
  t.same(
    own.filter(name => ![...used].some(each => each.replace(/_bucket$/, '') === name)),
    [],
    'none is left out',
  )
  for (const [n, one] of panels.entries())
    for (const two of panels.slice(n + 1)) t.notOk(overlap(one, two), `${one.title} does not lie over ${two.title}`)
})

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
