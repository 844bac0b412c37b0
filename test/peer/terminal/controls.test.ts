import { PassThrough } from 'node:stream'
import t from 'tap'
import {
  keysIn,
  listenForCommands,
  listenForKeys,
  parseCommand,
  type Wish,
  wishOfKey,
} from '../../../peer/terminal/controls.js'

/** A stdin that the test writes; `raw` is the mode of the terminal. */
function stdin() {
  const stream = new PassThrough()
  const state = { raw: false, referenced: true }
  const input = Object.assign(stream, {
    setRawMode(raw: boolean) {
      state.raw = raw
    },
    unref() {
      state.referenced = false
    },
  })
  return { input: input as unknown as NodeJS.ReadStream, stream, state }
}

/** Streams tell their readers on the next turn. */
const turn = () => new Promise(resolve => setImmediate(resolve))

t.test('reads commands', async t => {
  const cases: [string, Wish][] = [
    ['{"do":"mute"}', { type: 'mute' }],
    ['{"do":"unmute"}', { type: 'unmute' }],
    ['{"do":"confirm"}', { type: 'confirm' }],
    [' { "do" : "hangup" } ', { type: 'hangUp' }],
    ['{"do":"volume","percent":10}', { type: 'volume', percent: 10 }],
    ['{"do":"volume","percent":133.5}', { type: 'volume', percent: 133.5 }],
  ]
  for (const [line, value] of cases) t.same(parseCommand(line), { ok: true, value })
})

t.test('refuses what is no command, by name', async t => {
  const lines = [
    '',
    'mute',
    '"mute"',
    'null',
    '[]',
    '{}',
    '{"do":"hangUp"}',
    '{"do":"dance"}',
    '{"do":["mute"]}',
    '{"do":"mute","now":true}',
    '{"do":"mute","percent":50}',
    '{"do":"volume"}',
    '{"do":"volume","percent":"50"}',
    '{"do":"volume","percent":9}',
    '{"do":"volume","percent":201}',
    '{"do":"volume","percent":1e999}',
    '{"do":"volume","percent":null}',
    '{"do":"mute"}{"do":"mute"}',
    '{"__proto__":{"do":"mute"}}',
  ]
  for (const line of lines) t.match(parseCommand(line), { ok: false, error: { name: 'badCommand' } }, line)
})

t.test('knows its keys', async t => {
  const wish = (key: string, muted = false, volume = 100) => wishOfKey(key, { muted, volume })
  for (const key of ['m', 'M']) {
    t.same(wish(key), { type: 'mute' })
    t.same(wish(key, true), { type: 'unmute' })
  }
  for (const key of ['v', 'V']) t.same(wish(key), { type: 'confirm' })
  for (const key of ['q', 'Q', '\x03', '\x04']) t.same(wish(key), { type: 'hangUp' }, JSON.stringify(key))
  t.same(wish('+'), { type: 'volume', percent: 110 })
  t.same(wish('='), { type: 'volume', percent: 110 }, 'plus without shift')
  t.same(wish('-'), { type: 'volume', percent: 90 })
  t.same(wish('+', false, 195), { type: 'volume', percent: 200 })
  t.same(wish('-', false, 15), { type: 'volume', percent: 10 })
  for (const key of ['a', '\r', '\x1b', '[', 'A', 'é', '']) t.equal(wish(key), null)
})

t.test('takes no part of a longer sequence for a key', async t => {
  t.same(keysIn('mM q'), ['m', 'M', ' ', 'q'])
  // Up, F1 to F4 (F2 ends in Q), F5, Ctrl-right, Alt-m, a click of the mouse, focus.
  for (const sequence of [
    '\x1b[A',
    '\x1bOP',
    '\x1bOQ',
    '\x1bOS',
    '\x1b[15~',
    '\x1b[1;5C',
    '\x1bm',
    '\x1b[<0;3;4M',
    '\x1b[I',
    '\x1b',
  ])
    t.same(keysIn(`${sequence}`), [], JSON.stringify(sequence))
  t.same(keysIn('\x1b[Am\x1bOQv'), ['m', 'v'])
  t.same(keysIn('\x1b\x1b[B+'), ['+'])
  t.same(keysIn('漢é'), ['漢', 'é'])
})

t.test('listens for commands, a line each, however they come', async t => {
  const { input, stream } = stdin()
  const events: Wish[] = []
  const problems: string[] = []
  const stop = listenForCommands(
    input,
    event => events.push(event),
    message => problems.push(message),
  )
  stream.write('{"do":"mu')
  await turn()
  t.same(events, [])
  stream.write('te"}\n\n  \r\n{"do":"unmute"}\r\nnonsense\n{"do":')
  await turn()
  t.same(events, [{ type: 'mute' }, { type: 'unmute' }])
  t.equal(problems.length, 1)
  t.match(problems[0], /A command is one of \{"do":"mute"\}/)
  stop()
  stream.write('"hangup"}\n')
  await turn()
  t.equal(events.length, 2, 'heard no more')
})

t.test('the end of stdin changes nothing', async t => {
  const { input, stream } = stdin()
  const events: Wish[] = []
  listenForCommands(
    input,
    event => events.push(event),
    () => t.fail('no problem'),
  )
  stream.end('{"do":"mute"}\n')
  await turn()
  await turn()
  t.same(events, [{ type: 'mute' }])
})

t.test('listens for single keys, and gives the terminal back', async t => {
  const { input, stream, state } = stdin()
  const keys: string[] = []
  const stop = listenForKeys(input, key => keys.push(key))
  t.equal(state.raw, true)
  stream.write('mM')
  stream.write('q')
  await turn()
  t.same(keys, ['m', 'M', 'q'])
  stop()
  t.equal(state.raw, false)
  t.equal(state.referenced, false, 'does not keep the program alive')
  stream.write('m')
  await turn()
  t.equal(keys.length, 3)
})
