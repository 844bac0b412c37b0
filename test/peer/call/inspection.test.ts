import t from 'tap'
import { createActor, fromCallback } from 'xstate'
import type { CallEvent } from '../../../peer/call/events.js'
import { compactState, Inspection, type InspectionHeader, type InspectionLine } from '../../../peer/call/inspection.js'
import { callMachine } from '../../../peer/call/machine.js'
import { VirtualClock } from '../../virtual-clock.js'
import { CALL } from './rig.js'

const nothing = () => {}

function inspected() {
  const clock = new VirtualClock(5_000)
  const written: (InspectionHeader | InspectionLine)[] = []
  const sink = { version: '1.2.3', write: (line: InspectionHeader | InspectionLine) => void written.push(line) }
  const machine = callMachine.provide({
    actors: {
      link: fromCallback(nothing),
      agreement: fromCallback(nothing),
      session: fromCallback(nothing),
      sound: fromCallback(nothing),
      direct: fromCallback(nothing),
    },
  })
  const input = { ownId: 'ABC', peerId: 'XYZ', wants: 'relay', waitMs: null, talkMs: null, random: () => 0.5 } as const
  const actor = createActor(machine, { clock, input, inspect: new Inspection(() => clock.now(), sink).take })
  actor.start()
  return {
    clock,
    written,
    send: (event: CallEvent) => actor.send(event),
    /** Lines but for the header. */
    lines: () => written.slice(1) as InspectionLine[],
    last: () => written.at(-1) as InspectionLine,
  }
}

function talking() {
  const call = inspected()
  call.send({ type: 'server.online', attempt: 1 })
  call.send({ type: 'server.matched', callId: CALL, resumed: false })
  call.send({ type: 'agreement.agreed', mode: 'code', code: 'ABCDEF', since: null })
  call.send({ type: 'peer.heard', route: 'relay' })
  // The limit of time, when there is none, is a timer of 0 ms that is ignored.
  call.clock.advance(0)
  return call
}

t.test('begins with what the call was given, without its random source, and with where it starts', async t => {
  const { written, lines } = inspected()
  t.strictSame(written[0], {
    inspect: 1,
    version: '1.2.3',
    input: { ownId: 'ABC', peerId: 'XYZ', wants: 'relay', waitMs: null, talkMs: null },
  })
  t.match(lines(), [
    { t: 0, event: { type: 'xstate.init' }, from: '', to: 'call.waiting signaling.connecting.dialling' },
  ])
  t.match(lines()[0]?.changed, { attempt: 1, muted: false })
  t.notOk('ownId' in (lines()[0]?.changed ?? {}), 'what the header says is not said again')
})

t.test('writes a line an event: time since the start, where from, where to, what changed', async t => {
  const { clock, send, last } = inspected()
  clock.advance(20.26)
  send({ type: 'server.online', attempt: 1 })
  t.strictSame(last(), {
    t: 20.3,
    event: { type: 'server.online', attempt: 1 },
    from: 'call.waiting signaling.connecting.dialling',
    to: 'call.waiting signaling.online.steady.listening',
    changed: { link: 1 },
  })
})

t.test('names timers by their delay and state', async t => {
  const { clock, lines } = inspected()
  clock.advance(5_000)
  t.match(lines().at(-2), {
    t: 5_000,
    event: { type: 'xstate.after.helloOfSeveral.voicechat.signaling.connecting.dialling' },
    to: 'call.waiting signaling.connecting.pausing',
  })
})

t.test('names what the statechart raised for itself', async t => {
  const { clock, last } = talking()
  clock.advance(400)
  t.match(last().event.type, /^xstate\.after\.quiet\./)
  t.strictSame(last().raised, ['call.quiet'])
  t.match(last().to, /liveness\.quiet\.hoping.*signaling\.online\.doubted/)
})

t.test('says of an event that it was ignored', async t => {
  const { send, last } = inspected()
  send({ type: 'server.online', attempt: 7 })
  t.match(last(), { event: { type: 'server.online', attempt: 7 }, ignored: true })
  t.equal(last().from, last().to)
  t.equal(last().changed, undefined)
  send({ type: 'server.online', attempt: 1 })
  t.equal(last().ignored, undefined)
})

t.test('counts the signs of life that change nothing instead of writing them', async t => {
  const { clock, send, lines, last } = talking()
  const before = lines().length
  for (let i = 0; i < 20; i++) {
    clock.advance(20)
    send({ type: 'peer.heard', route: 'relay' })
  }
  t.strictSame(lines().slice(before), [])
  send({ type: 'mute' })
  t.equal(lines().length, before + 1)
  t.equal(last().heard, 20)
  clock.advance(400)
  t.equal(last().heard, undefined, 'each is counted once')
  send({ type: 'peer.heard', route: 'relay' })
  t.match(last(), { event: { type: 'peer.heard', route: 'relay' }, to: /liveness\.present.*route\.relayed\.off/ })
})

t.test('leaves out the flights of the key agreement and the code', async t => {
  const call = inspected()
  call.send({ type: 'server.online', attempt: 1 })
  call.send({ type: 'server.matched', callId: CALL, resumed: false })
  call.send({ type: 'agreement.send', data: 'flightout', confirms: true })
  t.match(call.last().event, { data: '(left out)', confirms: true })
  call.send({ type: 'server.pass', callId: CALL, data: 'flightin' })
  call.send({ type: 'agreement.agreed', mode: 'code', code: 'ABCDEF', since: null })
  t.match(call.last(), { event: { code: '(left out)' }, changed: { code: '(left out)', mode: 'code' } })
  t.notMatch(JSON.stringify(call.written), /flight(in|out)|ABCDEF/)
})

t.test('writes the end, and nothing after it', async t => {
  const { clock, send, lines, last } = inspected()
  send({ type: 'hangUp' })
  t.match(last(), { to: 'call.ended signaling.closed', changed: { reason: 'hungUp' }, raised: ['call.ended'] })
  const { length } = lines()
  clock.advance(100_000)
  t.equal(lines().length, length)
})

t.test('writes a state in one line', async t => {
  t.equal(compactState('on'), 'on')
  t.equal(compactState({ a: 'b' }), 'a.b')
  t.equal(compactState({ a: { b: 'c' }, d: { e: { f: { g: 'h' }, i: 'j' }, k: {} } }), 'a.b.c d(e(f.g.h i.j) k)')
  t.equal(compactState({ d: { k: 'l', e: 'f' }, a: 'b' }), 'a.b d(e.f k.l)', 'sorted')
})
