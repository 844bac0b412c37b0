import t from 'tap'
import { CALL, CallRig, relayed } from './rig.js'

/** Pauses between a failed attempt and the next one, as often as asked. */
function pauses(rig: CallRig, count: number): number[] {
  const seen: number[] = []
  while (seen.length < count) {
    const before = rig.clock.now()
    rig.closed().take()
    while (rig.take().length === 0) if (!rig.clock.step()) throw new Error('no further attempt')
    seen.push(Math.round(rig.clock.now() - before))
  }
  return seen
}

const restarting = { type: 'server.restarting', reconnectInMs: 2_000, tryForMs: 20_000 } as const

t.test('dials at once and names the peer when online', async t => {
  const rig = new CallRig()
  t.equal(rig.signaling, 'connecting.dialling')
  t.same(rig.take(), ['link dial 1'])
  rig.online()
  t.equal(rig.signaling, 'online.steady.listening')
  t.same(rig.take(), ['link adopt 1', 'link tell call XYZ'])
})

t.test('waits 0, 300, 1200, 2700, 4800, 7000 ms between attempts, and 7000 from then on', async t => {
  const rig = new CallRig().online()
  t.same(pauses(rig, 8), [0, 300, 1_200, 2_700, 4_800, 7_000, 7_000, 7_000])
})

t.test('spreads the pauses by a fifth either way from the third on', async t => {
  for (const [random, expected] of [
    [0, [0, 300, 960, 2_160, 3_840, 5_600]],
    [1, [0, 300, 1_440, 3_240, 5_760, 8_400]],
  ] as const) {
    const rig = new CallRig().online()
    rig.random = random
    t.same(pauses(rig, 6), expected)
  }
})

t.test('starts the table anew after a success', async t => {
  const rig = new CallRig().online()
  pauses(rig, 4)
  rig.online()
  t.same(pauses(rig, 3), [0, 300, 1_200])
})

t.test('gives an attempt 5 s to be logged in, then drops it and dials anew', async t => {
  const rig = new CallRig()
  rig.take()
  rig.wait(4_999)
  t.same(rig.take(), [])
  rig.wait(1)
  t.same(rig.take(), ['link abandon 1', 'link dial 2'])
})

t.test('tries the first connect for 10 s', async t => {
  const rig = new CallRig().wait(9_999)
  t.equal(rig.call, 'waiting')
  rig.wait(1)
  t.match(rig.view, { state: 'ended', reason: 'serverLost' })
})

t.test('looks for a server that it lost for 60 s', async t => {
  const rig = new CallRig().online().closed()
  t.equal(rig.signaling, 'reconnecting.pausing')
  t.equal(rig.view.reconnecting, true)
  rig.wait(59_999)
  t.equal(rig.call, 'waiting')
  rig.wait(1)
  t.match(rig.view, { state: 'ended', reason: 'serverLost' })
})

t.test('pings each 5 s while all is well', async t => {
  const rig = new CallRig().online()
  rig.take()
  for (let i = 0; i < 3; i++) {
    rig.wait(4_999)
    t.same(rig.take(), [])
    rig.wait(1)
    t.same(rig.take(), ['link tell ping 0'])
    rig.send({ type: 'server.pong', attempt: 1 })
  }
})

t.test('takes the link for lost after two missed pings', async t => {
  const rig = new CallRig().online()
  rig.take()
  rig.wait(10_000)
  t.same(rig.take(), ['link tell ping 0', 'link tell ping 1'])
  rig.wait(4_999)
  t.equal(rig.signaling, 'online.steady.pinged')
  rig.wait(1)
  t.equal(rig.snapshot.context.link, 0)
  t.same(rig.take(), ['link abandon 1', 'link dial 2'])
  t.equal(rig.signaling, 'reconnecting.dialling')
})

t.test('a pong after one missed ping makes up for it', async t => {
  const rig = new CallRig().online().wait(14_999).send({ type: 'server.pong', attempt: 1 })
  t.equal(rig.signaling, 'online.steady.listening')
  rig.wait(14_999)
  t.equal(rig.signaling, 'online.steady.pinged', 'two more must be missed')
})

t.test('a pong of another socket does not count', async t => {
  const rig = new CallRig().online().wait(14_999).send({ type: 'server.pong', attempt: 2 }).wait(1)
  t.equal(rig.signaling, 'reconnecting.dialling')
})

t.test('comes back when the restarting server said, not before', async t => {
  const rig = new CallRig().online().send(restarting).closed()
  rig.take()
  rig.wait(1_999)
  t.same(rig.take(), [])
  rig.wait(1)
  t.same(rig.take(), ['link dial 2'])
  t.same(pauses(rig, 2), [300, 1_200], 'then by the table')
})

t.test('looks for a restarting server as long as that one said', async t => {
  const rig = new CallRig().online().send(restarting).closed().wait(19_999)
  t.equal(rig.call, 'waiting')
  rig.wait(1)
  t.match(rig.view, { state: 'ended', reason: 'serverLost' })
})

t.test('forgets the announcement once it is back', async t => {
  const rig = new CallRig().online().send(restarting).closed().wait(2_000).online()
  t.same(pauses(rig, 2), [0, 300])
})

t.test('asks for its call again when it comes back with keys', async t => {
  const rig = relayed().closed().wait(0)
  rig.take()
  rig.online()
  t.same(rig.take(), ['link adopt 2', `link tell call XYZ ${CALL}`])
  t.equal(rig.view.state, 'talking')
})

t.test('severed, it pings the old socket, and opens a second one beside it when no answer comes soon', async t => {
  const rig = relayed()
  rig.wait(400)
  t.same(rig.take(), ['link tell ping 0'])
  t.equal(rig.signaling, 'online.doubted.asking')
  rig.wait(149)
  t.same(rig.take(), [])
  rig.wait(1)
  t.same(rig.take(), ['link dial 2'])
  t.equal(rig.signaling, 'online.doubted.dialling')
  t.equal(rig.snapshot.context.link, 1, 'the old one stays in use')
})

t.test('severed, no second socket is opened when the old one answers soon', async t => {
  for (const answer of [
    { type: 'server.pong', attempt: 1 },
    { type: 'peer.heard', route: 'relay' },
  ] as const) {
    const rig = relayed().wait(500)
    rig.take()
    rig.send(answer).wait(300)
    t.equal(rig.signaling, 'online.steady.listening', answer.type)
    t.notOk(rig.take().some(told => told.startsWith('link')))
  }
  const closed = relayed().wait(500)
  closed.take()
  t.same(closed.closed(1).wait(0).take(), ['link dial 2'], 'one that closes is replaced at once')
})

t.test('severed, the old socket wins when it answers first', async t => {
  for (const answer of [
    { type: 'server.pong', attempt: 1 },
    { type: 'peer.heard', route: 'relay' },
  ] as const) {
    const rig = relayed().wait(550)
    rig.take()
    rig.send(answer)
    t.ok(rig.take().includes('link abandon 2'), answer.type)
    t.equal(rig.signaling, 'online.steady.listening')
    t.equal(rig.snapshot.context.link, 1)
    rig.online(2)
    t.same(rig.take(), [], 'the abandoned one comes too late')
  }
})

t.test('severed for long, it looks for the server again 5 s after it told the person, and each 5 s', async t => {
  const rig = new CallRig().talk().send({ type: 'direct.unavailable', generation: 1, why: '' }).hear('relay')
  rig.wait(550)
  rig.send({ type: 'server.pong', attempt: 1 })
  t.match(rig.signaling, /^online\.steady/)
  rig.take()
  rig.wait(5_599)
  t.notOk(rig.take().some(told => told.startsWith('link dial')))
  rig.wait(1)
  t.ok(rig.take().includes('link dial 3'))
  t.equal(rig.signaling, 'online.doubted.dialling')
})

t.test('severed, the new socket wins when it is online first', async t => {
  const rig = relayed().wait(550)
  rig.take()
  rig.online(2)
  t.same(rig.take(), ['link adopt 2', `link tell call XYZ ${CALL}`])
  t.equal(rig.signaling, 'online.steady.listening')
  const before = rig.snapshot
  rig.send({ type: 'server.pong', attempt: 1 }).closed(1)
  t.same(rig.take(), [])
  t.same(rig.snapshot.value, before.value, 'the old one comes too late')
})

t.test('severed, the second socket wins from its login on: the server drops the first then', async t => {
  const entering = () => relayed().wait(550).send({ type: 'server.greeted', attempt: 2 })
  t.equal(entering().signaling, 'online.doubted.entering')
  const rig = entering()
  rig.take()
  rig.send({ type: 'server.pong', attempt: 1 }).hear('relay')
  t.notOk(rig.take().some(told => told.startsWith('link')))
  t.equal(rig.signaling, 'online.doubted.entering')
  rig.closed(1).online(2)
  t.same(rig.take(), ['link adopt 2', `link tell call XYZ ${CALL}`], 'no third socket')
  t.equal(entering().wait(4_999).signaling, 'online.doubted.entering')
  t.equal(entering().wait(5_001).signaling, 'online.doubted.dialling', 'another one when it does not answer')
  t.equal(relayed().wait(550).send({ type: 'server.greeted', attempt: 1 }).signaling, 'online.doubted.dialling')
})

t.test('severed, the second socket goes on as the first attempt when the old one closes', async t => {
  const rig = relayed().wait(550)
  rig.take()
  rig.closed(1)
  t.equal(rig.signaling, 'reconnecting.dialling')
  t.same(rig.take(), [], 'no third one')
  rig.online(2)
  t.same(rig.take(), ['link adopt 2', `link tell call XYZ ${CALL}`])
})

t.test('severed, another second socket is tried when one fails', async t => {
  for (const fails of [
    { type: 'server.closed', attempt: 2, why: 'cut' },
    { type: 'server.refused', attempt: 2, reason: 'elsewhere', message: 'No.' },
  ] as const) {
    const rig = relayed().wait(550)
    rig.take()
    rig.send(fails).wait(0)
    t.same(rig.take(), ['link dial 3'], fails.type)
    t.equal(rig.view.state, 'talking')
    rig.closed(3)
    t.equal(rig.signaling, 'online.doubted.pausing')
    rig.closed(1)
    t.equal(rig.signaling, 'reconnecting.pausing')
  }
  const rig = relayed().wait(550)
  rig.take()
  rig.wait(5_000)
  t.same(rig.take(), ['link abandon 2', 'link dial 3'], 'no answer')
})

t.test('tries again after a refusal that passes', async t => {
  for (const reason of ['tooMany', 'slow'] as const) {
    const rig = new CallRig()
    rig.take()
    rig.send({ type: 'server.refused', attempt: 1, reason, message: 'Later.' }).wait(0)
    t.same(rig.take(), ['link dial 2'], reason)
    t.equal(rig.view.state, 'connecting')
  }
})

t.test('ends after a refusal that is final', async t => {
  for (const reason of ['version', 'badLogin', 'badOrigin', 'taken', 'elsewhere', 'notAllowed'] as const) {
    const rig = new CallRig().send({ type: 'server.refused', attempt: 1, reason, message: 'Never.' })
    t.match(rig.view, { state: 'ended', reason: 'refused', detail: 'Never.' }, reason)
    t.equal(rig.clock.pending, 0)
  }
})

t.test('takes a refusal of the socket in use for its end', async t => {
  const refused = { type: 'server.refused', attempt: 1, reason: 'notAllowed', message: 'Out.' } as const
  const steady = relayed()
  t.equal(steady.send(refused).signaling, 'reconnecting.pausing')
  const dialling = relayed().wait(550)
  t.equal(dialling.send(refused).signaling, 'reconnecting.dialling')
  const pausing = relayed().wait(550).closed(2).wait(0).closed(3)
  t.equal(pausing.send(refused).signaling, 'reconnecting.pausing')
  t.equal(pausing.view.state, 'talking')
})

t.test('ignores late news of older sockets', async t => {
  const late = [
    { type: 'server.online', attempt: 1 },
    { type: 'server.closed', attempt: 1, why: 'late' },
    { type: 'server.refused', attempt: 1, reason: 'slow', message: 'late' },
    { type: 'server.refused', attempt: 1, reason: 'taken', message: 'late' },
    { type: 'server.pong', attempt: 1 },
  ] as const
  const dialling = () => new CallRig().closed(1).wait(0)
  const reconnecting = () => dialling().online(2).closed(2).wait(0)
  const online = () => dialling().online(2).wait(5_000)
  const severed = () => new CallRig().closed(1).wait(0).relayed().wait(550)
  for (const [name, make] of Object.entries({ dialling, reconnecting, online, severed })) {
    for (const event of late) {
      const rig = make()
      rig.take()
      const before = rig.snapshot
      rig.send(event).wait(0)
      t.same(rig.snapshot.value, before.value, `${name}: ${event.type} ${'reason' in event ? event.reason : ''}`)
      t.same(rig.take(), [])
    }
  }
})

t.test('leaves and closes when the call has ended, and nothing more', async t => {
  const rig = new CallRig().online()
  rig.take()
  rig.send({ type: 'hangUp' })
  t.same(rig.take(), ['link tell leave hungUp', 'link close'])
  t.equal(rig.snapshot.status, 'done')
  t.equal(rig.clock.pending, 0)
})

const elsewhere = { type: 'server.move', url: 'ws://two.test' } as const

t.test('asked to move, it opens a socket there beside the one in use, and goes over with its call', async t => {
  const rig = relayed()
  rig.take()
  rig.send(elsewhere)
  t.same(rig.take(), ['link dial 2 ws://two.test'])
  t.equal(rig.signaling, 'online.moving')
  t.equal(rig.snapshot.context.link, 1)
  rig.send({ type: 'server.restarting', reconnectInMs: 5_000, tryForMs: 60_000 }).online(2)
  t.equal(rig.snapshot.context.restart, null, 'the restart of the old server is none of the new one')
  t.same(rig.take(), ['link adopt 2 overlaps', `link tell call XYZ ${CALL}`])
  t.equal(rig.signaling, 'online.steady.listening')
  rig.closed(1)
  t.equal(rig.signaling, 'online.steady.listening', 'the old one goes unnoticed')
})

t.test('asked to move while keys are being agreed, it goes when they are', async t => {
  const rig = new CallRig().online().send(elsewhere)
  t.equal(rig.signaling, 'online.moving', 'while it waits it may go')
  const agreeing = new CallRig().online().send({ type: 'server.matched', callId: CALL, resumed: false })
  agreeing.take()
  agreeing.send(elsewhere)
  t.same(agreeing.take(), [])
  agreeing.send({ type: 'agreement.agreed', mode: 'code', code: 'ABCDEF', since: null })
  t.ok(agreeing.take().includes('link dial 2 ws://two.test'))
})

t.test('a move that comes to nothing changes nothing', async t => {
  const refused = { type: 'server.refused', attempt: 2, reason: 'notAllowed', message: '' } as const
  const ends: [string, (rig: CallRig) => unknown][] = [
    [
      'nobody answers',
      rig => rig.hear('relay').wait(200).hear('relay').send({ type: 'server.closed', attempt: 2, why: '' }),
    ],
    ['it is refused', rig => rig.send(refused)],
  ]
  for (const [what, end] of ends) {
    const rig = relayed().send(elsewhere)
    end(rig)
    t.match(rig.signaling, /^online\.steady/, what)
    t.equal(rig.snapshot.context.link, 1)
    rig.closed(1).wait(0)
    t.equal(rig.take().at(-1), 'link dial 3', 'and the next socket goes to where the first one was')
  }
  const slow = new CallRig().online().send(elsewhere)
  slow.take()
  slow.wait(5_001)
  t.equal(slow.take()[0], 'link abandon 2')
  t.match(slow.signaling, /^online\.steady/)
})

t.test('when the old socket closes while it moves, the new one is on its own', async t => {
  const rig = relayed().send(elsewhere).closed(1)
  t.equal(rig.signaling, 'reconnecting.dialling')
  rig.online(2)
  t.equal(rig.snapshot.context.server, 'ws://two.test')
})

t.test('a server that is gone is looked for at the others of its cluster before there is a pause', async t => {
  const rig = relayed().send({ type: 'server.servers', urls: ['ws://two.test', 'ws://three.test'] })
  rig.take()
  rig.closed(1)
  const dials = () => rig.take().filter(told => told.startsWith('link dial'))
  const tried: string[] = []
  for (let attempt = 2; attempt <= 5; attempt++) {
    rig.wait(0)
    tried.push(...dials())
    rig.closed(attempt)
  }
  t.same(tried, ['link dial 2', 'link dial 3 ws://two.test', 'link dial 4 ws://three.test'])
  rig.wait(300)
  t.same(dials(), ['link dial 5'])
})
