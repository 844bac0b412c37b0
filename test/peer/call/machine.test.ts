import t from 'tap'
import { type CallEvent, type EndReason, endReasons } from '../../../peer/call/events.js'
import { EXIT, exitCodeOf } from '../../../peer/terminal/exit-codes.js'
import { SeededRandom } from '../../simulation/seeded-random.js'
import { CALL, CallRig, OTHER_CALL, relayed } from './rig.js'

/** A way to each end, and the exit code that it has. */
const ends: Record<EndReason, { exit: number; reach: () => CallRig }> = {
  hungUp: { exit: 0, reach: () => relayed().send({ type: 'hangUp' }).wait(2_000) },
  peerHungUp: { exit: 0, reach: () => relayed().send({ type: 'peer.bye', reason: 'hungUp', answer: false }) },
  busy: { exit: 4, reach: () => new CallRig().online().send({ type: 'server.presence', state: 'busy' }) },
  refused: {
    exit: 4,
    reach: () => new CallRig().send({ type: 'server.refused', attempt: 1, reason: 'taken', message: 'No.' }),
  },
  unverified: {
    exit: 5,
    reach: () => new CallRig().online().matched().send({ type: 'agreement.failed', message: 'No.', distrust: null }),
  },
  vanished: { exit: 6, reach: () => relayed().answering().wait(30_400) },
  nobodyCame: { exit: 8, reach: () => new CallRig({ waitMs: 1_000 }).online().wait(1_000) },
  serverLost: { exit: 3, reach: () => new CallRig().wait(10_000) },
  deviceLost: {
    exit: 7,
    reach: () => relayed().send({ type: 'sound.failed', name: 'deviceLost', message: 'Gone.', hint: '' }).wait(2_000),
  },
  noRoute: {
    exit: 9,
    reach: () =>
      new CallRig({ wants: 'direct' }).talk().send({ type: 'direct.unavailable', generation: 1, why: '' }).wait(2_000),
  },
}

for (const reason of endReasons) {
  const { exit, reach } = ends[reason]
  t.test(`ends as ${reason} with exit code ${exit}, and leaves nothing behind`, async t => {
    const rig = reach()
    t.match(rig.view, { state: 'ended', reason })
    t.equal(exitCodeOf(reason), exit)
    t.equal(rig.snapshot.status, 'done')
    t.equal(rig.clock.pending, 0, 'no timer')
    t.same([...rig.running], [], 'no actor')
    t.same(rig.take().slice(-1), ['link close'])
  })
}

t.test('every exit code but crash and usage is reached by an end', async t => {
  const reached = new Set(endReasons.map(exitCodeOf))
  const all = Object.values(EXIT).filter(code => code !== EXIT.crash && code !== EXIT.usage)
  t.same([...reached].sort(), all.sort())
})

t.test('hangs up at once before anyone talks, and in its own time after', async t => {
  for (const rig of [new CallRig(), new CallRig().online(), new CallRig().online().matched()]) {
    t.match(rig.send({ type: 'hangUp' }).view, { state: 'ended', reason: 'hungUp' })
    t.equal(rig.clock.pending, 0)
  }
  t.equal(relayed().send({ type: 'hangUp' }).view.state, 'ending')
})

t.test('takes anything at any time: two hundred walks of events in a random order', async t => {
  const events = (random: SeededRandom, rig: CallRig): CallEvent => {
    const { attempt, link, generation } = rig.snapshot.context
    const pick = <T>(...of: readonly T[]): T => of[Math.floor(random.next() * of.length)]!
    const number = { attempt: pick(attempt, attempt, link, attempt - 1), why: 'x' }
    const callId = pick(CALL, CALL, OTHER_CALL)
    const direct = { generation: pick(generation, generation, generation - 1), why: 'x' }
    const say = { name: 'x', message: 'x', hint: 'x' }
    return pick<CallEvent>(
      { type: 'server.online', ...number },
      { type: 'server.online', attempt },
      { type: 'server.closed', ...number },
      { type: 'server.refused', ...number, reason: pick('tooMany', 'taken'), message: 'x' },
      { type: 'server.pong', ...number },
      { type: 'server.restarting', reconnectInMs: 100, tryForMs: 5_000 },
      { type: 'server.presence', state: pick('absent', 'absent', 'absent', 'busy') },
      { type: 'server.matched', callId, resumed: random.chance(0.3) },
      { type: 'server.matched', callId, resumed: false },
      { type: 'server.pass', callId, data: 'AA' },
      { type: 'server.away', callId },
      { type: 'server.back', callId },
      { type: 'server.left', callId, reason: pick('hungUp', 'unverified') },
      { type: 'server.error', ...say },
      ...(random.chance(0.1) ? [{ type: 'server.usedUp', message: 'x' } as const] : []),
      { type: 'agreement.send', data: 'AA', confirms: random.chance(0.5) },
      { type: 'agreement.agreed', mode: pick('password', 'code'), code: 'ABCDEF', since: null },
      { type: 'agreement.agreed', mode: 'password', code: 'ABCDEF', since: null },
      ...(random.chance(0.1) ? [{ type: 'agreement.failed', message: 'x', distrust: null } as const] : []),
      { type: 'peer.heard', route: pick('relay', 'direct') },
      { type: 'peer.heard', route: pick('relay', 'direct') },
      {
        type: 'peer.status',
        muted: random.chance(0.5),
        doubt: random.chance(0.5),
        recording: random.chance(0.5),
        wants: pick('auto', 'auto', 'relay'),
      },
      ...(random.chance(0.1) ? [{ type: 'peer.bye', reason: 'hungUp', answer: random.chance(0.5) } as const] : []),
      ...(random.chance(0.1) ? [{ type: 'hangUp' } as const] : []),
      { type: 'sound.started' },
      { type: 'recording.ended' },
      { type: 'direct.open', ...direct },
      { type: 'direct.proved', ...direct },
      { type: 'direct.failed', ...direct },
      { type: 'direct.unavailable', ...direct },
      { type: 'address.changed' },
      { type: pick('mute', 'unmute', 'confirm') },
    )
  }
  const states = new Map<string, number>()
  for (let seed = 1; seed <= 200; seed++) {
    const random = new SeededRandom(seed)
    const rig = new CallRig({ wants: random.chance(0.8) ? 'auto' : 'relay' })
    let last = ''
    for (let n = 0; n < 80 && rig.snapshot.status === 'active'; n++) {
      const event = events(random, rig)
      last += `${event.type} `
      rig.send(event)
      if (random.chance(0.3)) rig.wait(random.chance(0.2) ? random.between(500, 12_000) : random.between(0, 200))
      const { state, reason } = rig.view
      states.set(state, (states.get(state) ?? 0) + 1)
      if ((state === 'ended' || state === 'ending') !== (reason !== null))
        return t.fail(`seed ${seed}: ${state} because of ${reason}, after ${last}`)
      if (state === 'talking' && !rig.running.has('session')) return t.fail(`seed ${seed}: no session, after ${last}`)
    }
    if (rig.snapshot.status === 'active') rig.send({ type: 'hangUp' }).wait(2_000)
    if (rig.snapshot.status !== 'done' || rig.clock.pending > 0 || rig.running.size > 0)
      return t.fail(`seed ${seed}: ${rig.snapshot.status}, ${rig.clock.pending} timers, ${[...rig.running]}`)
  }
  t.ok(
    ['connecting', 'waiting', 'agreeing', 'talking', 'ending', 'ended'].every(state => (states.get(state) ?? 0) > 20),
  )
  t.comment(`events taken in each state: ${JSON.stringify(Object.fromEntries(states))}`)
})
