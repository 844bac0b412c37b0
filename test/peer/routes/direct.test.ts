import t from 'tap'
import type { DirectEvent } from '../../../peer/call/events.js'
import type { Connect, ConnectionEvents, Signal } from '../../../peer/routes/connection.js'
import { DirectRoute } from '../../../peer/routes/direct.js'
import type { Negotiation } from '../../../protocol/negotiation.js'

/** A direct route with an engine that only writes down what it is told. */
class Rig {
  readonly told: string[] = []
  readonly reports: DirectEvent[] = []
  readonly engine: string[] = []
  readonly connections: ConnectionEvents[] = []
  readonly route: DirectRoute
  /** Given to the route as soon as it reports that the other side began an attempt, as the statechart does. */
  joins = true

  constructor(initiator: boolean, connect?: Connect | null) {
    this.route = new DirectRoute({
      connect: connect === undefined ? events => this.#connection(events) : connect,
      servers: () => [],
      initiator,
      tell: ({ kind, generation, text }) => this.told.push(`${kind} ${generation}${text && ` ${text}`}`),
      opened: generation => this.engine.push(`prove ${generation}`),
      deliver: bytes => this.engine.push(`deliver ${bytes}`),
      report: event => {
        this.reports.push(event)
        if (event.type === 'direct.called' && this.joins) this.try(event.generation)
      },
    })
  }

  try(generation: number): this {
    this.route.command({ type: 'try', generation })
    return this
  }

  leave(generation: number): this {
    this.route.command({ type: 'leave', generation })
    return this
  }

  hear(kind: Negotiation['kind'], generation: number, text = ''): this {
    this.route.hear({ kind, generation, text })
    return this
  }

  take(): { told: string[]; engine: string[]; reports: string[] } {
    const reports = this.reports
      .splice(0)
      .map(event => `${event.type} ${'generation' in event ? event.generation : ''}`)
    return { told: this.told.splice(0), engine: this.engine.splice(0), reports }
  }

  #connection(events: ConnectionEvents) {
    const n = this.connections.push(events)
    const write = (words: string) => this.engine.push(`${n} ${words}`)
    return {
      start: (initiator: boolean) => void write(`starts${initiator ? ' first' : ''}`),
      signal: ({ kind, text }: Signal) => void write(`${kind} ${text}`),
      send: (bytes: Uint8Array) => void write(`send ${bytes}`),
      path: () => null,
      close: () => void write('closes'),
    }
  }
}

t.test('side a offers, side b asks for an offer', async t => {
  const a = new Rig(true).try(1)
  a.connections[0]?.signal({ kind: 'offer', text: 'o' })
  t.strictSame(a.take(), { told: ['offer 1 o'], engine: ['1 starts first'], reports: [] })
  const b = new Rig(false).try(1)
  t.strictSame(b.take(), { told: ['want 1'], engine: ['1 starts'], reports: [] })
  b.hear('offer', 1, 'o')
  t.strictSame(b.take(), { told: [], engine: ['1 offer o'], reports: [] })
})

t.test('an attempt that the other side begins is joined, and what came with it is not lost', async t => {
  const b = new Rig(false).hear('offer', 3, 'o').hear('candidate', 3, 'c')
  t.strictSame(b.take(), { told: [], engine: ['1 starts', '1 offer o', '1 candidate c'], reports: ['direct.called 3'] })
  const a = new Rig(true).hear('want', 4)
  t.strictSame(a.take(), { told: [], engine: ['1 starts first'], reports: ['direct.called 4'] })
})

t.test('what comes before the statechart has answered is held', async t => {
  const b = new Rig(false)
  b.joins = false
  b.hear('offer', 3, 'o').hear('candidate', 3, 'c').hear('candidate', 2, 'older')
  t.strictSame(b.take(), { told: [], engine: [], reports: ['direct.called 3'] })
  b.try(3)
  t.strictSame(b.take(), { told: [], engine: ['1 starts', '1 offer o', '1 candidate c'], reports: [] })
  b.hear('offer', 4, 'o').leave(4)
  t.same(b.take().told, ['end 4'], 'declined')
  b.hear('candidate', 4, 'late').try(5)
  t.strictSame(b.take(), { told: ['want 5'], engine: ['1 closes', '2 starts'], reports: [] })
  b.hear('offer', 6, 'x')
  for (let i = 0; i < 200; i++) b.hear('candidate', 6, `${i}`)
  t.equal(b.try(6).take().engine.length, 2 + 64, 'a flood is not held')
})

t.test('both begin the same attempt at once: it is one', async t => {
  const a = new Rig(true).try(2).hear('want', 2)
  t.strictSame(a.take(), { told: [], engine: ['1 starts first'], reports: [] })
  const b = new Rig(false).try(2).hear('offer', 2, 'o')
  t.strictSame(b.take(), { told: ['want 2'], engine: ['1 starts', '1 offer o'], reports: [] })
})

t.test('never two connections at once: a newer attempt closes the older, whose late news change nothing', async t => {
  const a = new Rig(true).try(1).try(2)
  t.same(a.take().engine, ['1 starts first', '1 closes', '2 starts first'])
  const [older] = a.connections
  older?.signal({ kind: 'candidate', text: 'c' })
  older?.open()
  older?.message(Uint8Array.of(1))
  older?.failed('late')
  a.hear('candidate', 1, 'late').hear('end', 1).hear('want', 1)
  t.strictSame(a.take(), { told: [], engine: [], reports: [] })
  a.route.send(Uint8Array.of(7))
  t.same(a.take().engine, ['2 send 7'])
})

t.test('opens, carries, fails', async t => {
  const a = new Rig(true).try(1)
  a.take()
  const [events] = a.connections
  events?.open()
  events?.message(Uint8Array.of(5))
  t.strictSame(a.take(), { told: [], engine: ['prove 1', 'deliver 5'], reports: ['direct.open 1'] })
  events?.failed('no path')
  t.strictSame(a.take(), { told: ['end 1'], engine: ['1 closes'], reports: ['direct.failed 1'] })
  a.route.send(Uint8Array.of(7))
  events?.message(Uint8Array.of(6))
  a.leave(1)
  t.strictSame(a.take(), { told: [], engine: [], reports: [] }, 'all is over and said')
})

t.test('leaving is told to the other side, and its leaving is a failure here', async t => {
  const a = new Rig(true).try(1).leave(1)
  t.strictSame(a.take(), { told: ['end 1'], engine: ['1 starts first', '1 closes'], reports: [] })
  const b = new Rig(false).try(1).hear('end', 1)
  t.strictSame(b.take(), { told: ['want 1'], engine: ['1 starts', '1 closes'], reports: ['direct.failed 1'] })
})

t.test('without an engine, or with one that does not load, says so at once, on both sides', async t => {
  const broken = () => {
    throw new Error('no such library')
  }
  for (const connect of [null, broken]) {
    const a = new Rig(true, connect).try(1)
    t.match(a.reports, [{ type: 'direct.unavailable', generation: 1, why: /engine|library/ }])
    t.same(a.told, ['end 1'])
  }
})

t.test('closes what it has when the call is over', async t => {
  const a = new Rig(true).try(1)
  a.route.close()
  a.route.close()
  t.same(a.take().engine, ['1 starts first', '1 closes'])
})
