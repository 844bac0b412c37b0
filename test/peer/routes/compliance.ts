/** What every route must do, whatever carries it; and what every direct connection must do, whichever engines make it. */
import type { Test } from 'tap'
import type { Connect, ConnectionEvents, Signal } from '../../../peer/routes/connection.js'
import { connectionPair, type PairOptions, pause, until } from './connection-pair.js'

/** Two open ends of a route. What was sent on one is `received` on the other. */
export interface OpenRoute {
  send(from: 'a' | 'b', bytes: Uint8Array): void
  received(at: 'a' | 'b'): readonly Uint8Array[]
  close(): void
}

const SIZES = [1, 93, 120, 125, 1000]
/** Nothing that was going to come comes later than this, ms. */
const SETTLED_MS = 150

const patterned = (length: number, salt: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + salt) & 255)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** `open` resolves when both ends can send. */
export function carries(t: Test, open: () => Promise<OpenRoute>): void {
  t.test('carries bytes of all sizes unchanged, both ways', async t => {
    const route = await open()
    for (const [from, at] of [['a', 'b'] as const, ['b', 'a'] as const]) {
      const sent = SIZES.map((size, i) => patterned(size, i))
      for (const bytes of sent) {
        route.send(from, bytes)
        await pause(5)
      }
      t.ok(await until(() => route.received(at).length === sent.length, 3_000))
      t.same(route.received(at).map(hex).sort(), sent.map(hex).sort(), `${from} to ${at}`)
    }
    route.close()
  })

  t.test('has taken what it sends: the bytes may be used again at once', async t => {
    const route = await open()
    const bytes = patterned(120, 1)
    const sent = hex(bytes)
    route.send('a', bytes)
    bytes.fill(0)
    t.ok(await until(() => route.received('b').length > 0, 3_000))
    t.same(route.received('b').map(hex), [sent])
    route.close()
  })

  t.test('brings frames in the time of a call, each once', async t => {
    const route = await open()
    const COUNT = 100
    for (let n = 0; n < COUNT; n++) {
      route.send('a', Uint8Array.of(n, ...patterned(119, n)))
      route.send('b', Uint8Array.of(n, ...patterned(119, n)))
      await pause(4)
    }
    await until(() => route.received('a').length === COUNT && route.received('b').length === COUNT, 3_000)
    for (const at of ['a', 'b'] as const) {
      const numbers = route.received(at).map(([n]) => n)
      t.equal(new Set(numbers).size, numbers.length, 'none twice')
      t.ok(numbers.length >= 0.9 * COUNT, `${numbers.length} of ${COUNT} came`)
    }
    route.close()
  })

  t.test('drops what is sent when it is closed, and says nothing more', async t => {
    const route = await open()
    route.close()
    await pause(SETTLED_MS)
    const before = [route.received('a').length, route.received('b').length]
    route.send('a', patterned(120, 1))
    route.send('b', patterned(120, 2))
    route.close()
    await pause(SETTLED_MS)
    t.same([route.received('a').length, route.received('b').length], before)
  })
}

/** `a` makes the offer. */
export function connects(t: Test, engines: readonly [Connect, Connect]): void {
  const make = (t: Test, options: PairOptions = {}) => {
    const pair = connectionPair(engines, options)
    t.teardown(() => pair.close())
    return pair
  }
  const failures = (told: readonly string[]) => told.filter(words => words.startsWith('failed'))

  carries(t, async () => {
    const pair = connectionPair(engines)
    pair.start()
    if (!(await until(pair.isOpen))) throw new Error(`it does not open: ${pair.a.told} ${pair.b.told}`)
    return {
      send: (from, bytes) => pair[from].connection.send(bytes),
      received: at => pair[at].received,
      close: () => pair.close(),
    }
  })

  t.test('tells an offer, an answer, and once that it is open', async t => {
    const pair = make(t)
    t.equal(pair.a.connection.path(), null)
    pair.start()
    t.ok(await until(pair.isOpen))
    await pause(SETTLED_MS)
    t.same(pair.a.told, ['offer', 'open'])
    t.same(pair.b.told, ['answer', 'open'])
    pair.close()
    t.equal(pair.a.connection.path(), null)
  })

  t.test('drops what is sent before it is open', async t => {
    const pair = make(t)
    pair.a.connection.send(patterned(120, 1))
    pair.start()
    pair.a.connection.send(patterned(120, 2))
    t.ok(await until(pair.isOpen))
    pair.a.connection.send(patterned(120, 3))
    t.ok(await until(() => pair.b.received.length > 0))
    t.same(pair.b.received.map(hex), [hex(patterned(120, 3))])
  })

  t.test('tells one end soon that the other has closed, each time', async t => {
    const pairs = [...Array(8)].map(() => make(t))
    for (const pair of pairs) {
      pair.start()
      t.ok(await until(pair.isOpen))
      pair.a.connection.close()
      t.ok(await until(() => failures(pair.b.told).length > 0))
    }
    await pause(SETTLED_MS)
    for (const { a, b } of pairs) {
      t.equal(failures(b.told).length, 1)
      t.same(failures(a.told), [], 'who closes is told nothing')
    }
  })

  t.test('tells nothing after it was closed, at whatever moment', async t => {
    for (const ms of [0, 5, 20, 100]) {
      const pair = make(t)
      pair.start()
      await pause(ms)
      pair.close()
      const told = [pair.a.told.length, pair.b.told.length]
      await pause(SETTLED_MS)
      t.same([pair.a.told.length, pair.b.told.length], told, `closed after ${ms} ms`)
      pair.close()
      pair.start()
      pair.a.connection.signal({ kind: 'candidate', text: 'too late' })
    }
  })

  t.test('takes a server by its name and by either kind of address, also where nobody answers', async t => {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const pair = make(t, { servers: [{ url: `stun:${host}:9` }] })
      pair.start()
      t.ok(await until(pair.isOpen), `${host}: ${pair.a.told} ${pair.b.told}`)
      pair.close()
    }
  })

  t.test('does not come up with somebody whose fingerprint was not told', async t => {
    let compared = false
    const other = (signal: Signal): Signal => {
      const text = signal.text.replace(
        /^(a=fingerprint:\S+ )(\S\S)/m,
        (_, name, first) => `${name}${first === '00' ? '01' : '00'}`,
      )
      compared ||= text !== signal.text
      return { ...signal, text }
    }
    const pair = make(t, { onTheWay: other })
    pair.start()
    const opens = () => pair.a.told.includes('open') || pair.b.told.includes('open')
    const opened = await until(opens, 3_000)
    if (compared) t.notOk(opened, `${pair.a.told} ${pair.b.told}`)
    else t.ok(opened, 'these engines have no certificates')
  })

  t.test('takes nonsense for nonsense', async t => {
    const nonsense = ['', 'v=0', '{}', '\0\u{1F600}', 'candidate:', 'a=candidate:1 1 UDP x y z', 'x'.repeat(8000)]
    const kinds = ['offer', 'answer', 'candidate'] as const
    for (const kind of kinds)
      for (const text of nonsense) {
        const pair = make(t)
        pair.a.connection.signal({ kind, text })
        pair.start()
        pair.a.connection.signal({ kind, text })
        pair.b.connection.signal({ kind, text })
        await pause(2)
        pair.close()
      }
    await pause(SETTLED_MS)
    const pair = make(t, {
      onTheWay: signal => {
        for (const text of nonsense) pair.a.connection.signal({ kind: 'candidate', text })
        return signal
      },
    })
    pair.start()
    t.ok(await until(pair.isOpen), 'candidates that are none keep nothing from opening')
  })

  t.test('outlives a throw in whatever it calls', async t => {
    const events: readonly (keyof ConnectionEvents)[] = ['signal', 'open', 'message', 'failed']
    for (const event of events) {
      const pair = make(t, { throwsIn: [event] })
      pair.start()
      await until(() => pair.isOpen() || failures([...pair.a.told, ...pair.b.told]).length > 0, 5_000)
      pair.a.connection.send(patterned(120, 1))
      pair.b.connection.send(patterned(120, 1))
      await pause(SETTLED_MS)
      pair.a.connection.close()
      await pause(20)
      pair.close()
      t.pass(`still here after a throw in ${event}`)
    }
  })
}
