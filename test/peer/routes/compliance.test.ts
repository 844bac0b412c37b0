/** Every route and every engine, also crossed, passes the same suite. */
import t from 'tap'
import { InMemoryConnections } from '../../../peer/routes/in-memory.js'
import { loadNative } from '../../../peer/routes/node-native.js'
import { loadWerift } from '../../../peer/routes/node-werift.js'
import { connects } from './compliance.js'

t.setTimeout(120_000)

const memory = new InMemoryConnections().connect
t.test('in memory', async t => connects(t, [memory, memory]))

const load = (name: string, loader: typeof loadNative) =>
  loader().catch((error: Error) => `${name} does not load on this machine: ${error.message}`)
const native = await load('node-datachannel', loadNative)
const werift = await load('werift', loadWerift)

for (const [name, a, b] of [
  ['native and native', native, native],
  ['native and werift', native, werift],
  ['werift and native', werift, native],
  ['werift and werift', werift, werift],
] as const) {
  const missing = [a, b].find(engine => typeof engine === 'string')
  t.test(name, { skip: missing ?? false }, async t => {
    if (typeof a !== 'string' && typeof b !== 'string') connects(t, [a, b])
  })
}
