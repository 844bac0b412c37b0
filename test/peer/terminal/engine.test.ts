import t from 'tap'
import type { Connect } from '../../../peer/routes/connection.js'
import type { EngineName } from '../../../peer/routes/engine-name.js'
import { loadEngine } from '../../../peer/routes/node-engine.js'
import { chooseEngine } from '../../../peer/terminal/engine.js'
import { CommandProblem } from '../../../peer/terminal/problem.js'

const connect: Connect = () => {
  throw new Error('not to be used here')
}

/** Loads engines on a machine that lacks some of them. */
function without(...missing: EngineName[]): typeof loadEngine {
  const loader = (name: EngineName) => async () => {
    if (missing.includes(name)) throw new Error(`no binary of ${name}\nRequire stack:\n- a file`)
    return connect
  }
  return wanted => loadEngine(wanted, { native: loader('native'), werift: loader('werift') })
}

t.test('has nothing to say where the native engine loads, or another was asked for', async t => {
  t.same(await chooseEngine({ route: 'auto' }, without()), { connect, remark: null })
  t.same(await chooseEngine({ route: 'direct', webrtc: 'werift' }, without('native')), { connect, remark: null })
})

t.test('says in one line why it is another engine, or none', async t => {
  t.same(await chooseEngine({ route: 'auto' }, without('native')), {
    connect,
    remark: 'The direct route is made by werift: the native engine does not load here (no binary of native).',
  })
  t.same(await chooseEngine({ route: 'auto' }, without('native', 'werift')), {
    connect: null,
    remark: 'There is no direct route here: no engine for it loads (no binary of werift).',
  })
})

t.test('loads none for the relay alone', async t => {
  const load = () => t.fail('loaded') as never
  t.same(await chooseEngine({ route: 'relay' }, load), { connect: null, remark: null })
})

t.test('does not take another than the one that was asked for', async t => {
  await t.rejects(
    chooseEngine({ route: 'auto', webrtc: 'native' }, without('native')),
    new CommandProblem(
      'noEngine',
      'The native engine does not load on this machine: no binary of native',
      'Leave --webrtc out to take whichever does.',
      2,
    ),
  )
})
