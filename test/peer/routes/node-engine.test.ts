import t from 'tap'
import type { Connect } from '../../../peer/routes/connection.js'
import { loadEngine } from '../../../peer/routes/node-engine.js'

const [native, werift] = ['native', 'werift'].map(
  (): Connect => () => {
    throw new Error('not to be used here')
  },
) as [Connect, Connect]
const loads = { native: async () => native, werift: async () => werift }
const broken = { ...loads, native: () => Promise.reject(new Error('no binary for this machine')) }

t.test('takes the native engine, and werift where that does not load', async t => {
  t.same(await loadEngine(null, loads), { name: 'native', connect: native })
  t.same(await loadEngine(null, broken), { name: 'werift', connect: werift, instead: 'no binary for this machine' })
})

t.test('takes no other than the one that was asked for', async t => {
  t.same(await loadEngine('werift', loads), { name: 'werift', connect: werift })
  await t.rejects(loadEngine('native', broken), { message: 'no binary for this machine' })
})
