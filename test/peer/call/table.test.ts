import t from 'tap'
import { besides, type Ignore, ignores } from './ignores.js'
import { type Column, columns, otherwise, passing, regionOf, rows } from './table.js'
import { atomicStates, candidates, cellOf, delays, isPassing, nameOf, transitions } from './transitions.js'

const events = Object.keys(columns) as (keyof typeof columns)[]
const all = [...events, ...(delays as Column[])]
const names = atomicStates.map(nameOf)

const begins = (state: string, prefix: string) => prefix === '' || state === prefix || state.startsWith(`${prefix}.`)
const fits = ({ states, events }: Ignore, state: string, column: Column) =>
  states.some(prefix => begins(state, prefix)) &&
  events.some(event => event === column || (event.endsWith('*') && column.startsWith(event.slice(0, -1))))

/** Why nothing happens in a cell without a transition; null: nobody has said. */
function reasonOf(state: string, column: Column): { reason: string; line?: Ignore } | null {
  if (column.startsWith('after ')) return { reason: 'this timer does not run here' }
  const region = regionOf(state)
  const owners = columns[column as keyof typeof columns]
  const others = owners.filter(owner => besides[region].includes(owner))
  if (!owners.includes(region) && others.length > 0) return { reason: `for ${others.join(' and ')}` }
  const line = ignores.find(ignore => fits(ignore, state, column))
  return line ? { reason: line.reason, line } : null
}

t.test('each state has a row, each event and each delay a column', async t => {
  t.same(Object.keys(rows).sort(), [...names].sort())
  const known = new Set<string>(all)
  for (const { source, event } of transitions) t.ok(event === 'always' || known.has(event), `${source}: ${event}`)
  for (const delay of delays)
    t.ok(
      transitions.some(({ event }) => event === delay),
      `${delay} is used`,
    )
})

t.test('each event names the regions that handle it', async t => {
  for (const event of events) {
    const regions = new Set(
      transitions.filter(transition => transition.event === event).map(one => regionOf(one.source)),
    )
    t.same([...columns[event]].sort(), [...regions].sort(), event)
  }
})

t.test('each cell says what the statechart does, or why it does nothing', async t => {
  const counts = { transitions: 0, ignores: 0, passing: 0 }
  const usedLines = new Set<Ignore>()
  const usedGuards = new Set<string>()
  for (const atomic of atomicStates) {
    const state = nameOf(atomic)
    const row = rows[state]
    t.equal(row === passing, isPassing(atomic), `${state} is passing`)
    if (!row || row === passing) {
      counts.passing += all.length
      continue
    }
    for (const column of all) {
      const cell = cellOf(atomic, column)
      if ((row[column] ?? '') !== cell) t.equal(row[column] ?? 'ignored', cell || 'ignored', `${state} x ${column}`)
      if (cell) {
        counts.transitions++
        const { guard } = candidates(atomic, column).at(-1)!
        const key = guard === '(event)' ? column : guard
        if (key && !otherwise[key]) t.fail(`${state} x ${column}: no reason for when ${key} says no`)
        if (key) usedGuards.add(key)
        const stale = ignores.find(ignore => ignore.events.includes(column) && fits(ignore, state, column))
        if (stale) t.fail(`${state} x ${column} has a transition, but also a reason to ignore it: ${stale.reason}`)
        continue
      }
      counts.ignores++
      const ignored = reasonOf(state, column)
      if (!ignored?.reason) t.fail(`${state} x ${column}: ignored without a reason`)
      if (ignored?.line) usedLines.add(ignored.line)
    }
  }
  for (const ignore of ignores) t.ok(usedLines.has(ignore), `needed: ${ignore.states} x ${ignore.events}`)
  t.same(Object.keys(otherwise).sort(), [...usedGuards].sort(), 'each guard that can say no has its reason')
  t.equal(counts.transitions + counts.ignores + counts.passing, names.length * all.length)
  t.comment(
    `${names.length} states x ${events.length} events and ${delays.length} delays: ${counts.transitions} cells with transitions, ` +
      `${counts.ignores} ignored with a reason, ${counts.passing} in states that no event meets`,
  )
})
