import { PassThrough } from 'node:stream'
import t from 'tap'
import type { UserEvent } from '../../../peer/call/events.js'
import { eventOfKey, listenForCommands, listenForKeys, parseCommand } from '../../../peer/terminal/controls.js'

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
  const cases: [string, UserEvent][] = [
    ['{"do":"mute"}', { type: 'mute' }],
    ['{"do":"unmute"}', { type: 'unmute' }],
    ['{"do":"confirm"}', { type: 'confirm' }],
    [' { "do" : "hangup" } ', { type: 'hangUp' }],
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
    '{"do":"mute"}{"do":"mute"}',
    '{"__proto__":{"do":"mute"}}',
  ]
  for (const line of lines) t.match(parseCommand(line), { ok: false, error: { name: 'badCommand' } }, line)
})

t.test('knows its keys', async t => {
  for (const key of ['m', 'M']) {
    t.same(eventOfKey(key, false), { type: 'mute' })
    t.same(eventOfKey(key, true), { type: 'unmute' })
  }
  for (const key of ['v', 'V']) t.same(eventOfKey(key, false), { type: 'confirm' })
  for (const key of ['q', 'Q', '\x03', '\x04']) t.same(eventOfKey(key, false), { type: 'hangUp' }, JSON.stringify(key))
  for (const key of ['a', ' ', '\r', '\x1b', '[', 'A', 'é', '']) t.equal(eventOfKey(key, false), null)
})

t.test('listens for commands, a line each, however they come', async t => {
  const { input, stream } = stdin()
  const events: UserEvent[] = []
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
  const events: UserEvent[] = []
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
