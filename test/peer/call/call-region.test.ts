import t from 'tap'
import { matchAll } from '../match-all.js'
import { CALL, CallRig, OTHER_CALL, relayed } from './rig.js'

const agreeing = () => {
  const rig = new CallRig().online().matched()
  rig.take()
  return rig
}
const left = (callId: string, reason: 'hungUp' | 'unverified' | 'vanished') =>
  ({ type: 'server.left', callId, reason }) as const

t.test('waiting', async t => {
  t.test('remembers that the peer is absent', async t => {
    const rig = new CallRig().online().send({ type: 'server.presence', state: 'absent' })
    t.match(rig.view, { state: 'waiting', presence: 'absent' })
    t.equal(rig.matched().view.presence, null)
  })

  t.test('ends when the peer is busy', async t => {
    const rig = new CallRig().online().send({ type: 'server.presence', state: 'busy' })
    t.match(rig.view, { state: 'ended', reason: 'busy' })
  })

  t.test('ends when nothing is left of what it may have of the server, and says so', async t => {
    const rig = new CallRig().online().send({ type: 'server.usedUp', message: 'Tomorrow.' })
    t.match(rig.view, { state: 'ended', reason: 'refused', detail: 'Tomorrow.' })
  })

  t.test('waits as long as it was told, without a server too', async t => {
    const rig = new CallRig({ waitMs: 4_000 }).wait(3_999)
    t.equal(rig.call, 'waiting')
    t.match(rig.wait(1).view, { state: 'ended', reason: 'nobodyCame' })
  })

  t.test('waits for ever when not told', async t => {
    const rig = new CallRig().answering().online().wait(3_600_000)
    t.equal(rig.view.state, 'waiting')
  })

  t.test('starts to agree on keys when matched', async t => {
    const rig = agreeing()
    t.equal(rig.call, 'agreeing')
    const again = new CallRig().online()
    again.take()
    t.same(again.matched().take(), [`agreement starts ABC XYZ ${CALL}`])
  })

  t.test('does not take up a call of which it has no keys', async t => {
    t.equal(new CallRig().online().matched(CALL, true).call, 'waiting')
  })
})

t.test('agreeing', async t => {
  t.test('passes flights both ways, of this call alone', async t => {
    const rig = agreeing()
    rig.send({ type: 'agreement.send', data: 'm1', confirms: false })
    rig.send({ type: 'server.pass', callId: CALL, data: 'm2' })
    rig.send({ type: 'server.pass', callId: OTHER_CALL, data: 'stale' })
    t.same(rig.take(), [`link tell pass ${CALL} m1`, 'agreement flight m2'])
  })

  t.test('begins to talk when keys are agreed', async t => {
    for (const [mode, verified] of [
      ['password', true],
      ['code', false],
    ] as const) {
      const rig = agreeing().agreed(mode)
      t.match(rig.view, { state: 'talking', mode, code: 'ABCDEF', verified })
      t.same(rig.take(), ['session starts auto', 'sound starts open', 'direct starts ABC XYZ', 'direct try 1'])
      t.same([...rig.running], ['link', 'session', 'sound', 'direct'])
    }
  })

  t.test('ends as unverified, with the reason, when keys are not agreed', async t => {
    const rig = agreeing().send({ type: 'agreement.failed', message: 'The passwords differ.', distrust: null })
    t.match(rig.view, { state: 'ended', reason: 'unverified', detail: 'The passwords differ.', distrust: null })
    const distrust = { name: 'tooManyTries', retryAt: 7 } as const
    t.same(agreeing().send({ type: 'agreement.failed', message: 'Too many.', distrust }).view.distrust, distrust)
    t.same(rig.take(), ['link tell leave unverified', 'link close'])
    t.same([...rig.running], [])
  })

  t.test('says the last flight before it ends', async t => {
    const rig = agreeing()
    rig.send({ type: 'agreement.send', data: 'why', confirms: false })
    rig.send({ type: 'agreement.failed', message: 'No.', distrust: null })
    t.same(rig.take(), [`link tell pass ${CALL} why`, 'link tell leave unverified', 'link close'])
  })

  t.test('ends after 10 s of silence: vanished, or unverified once a guess is out', async t => {
    const early = agreeing().send({ type: 'agreement.send', data: 'm1', confirms: false })
    t.equal(early.wait(9_999).call, 'agreeing')
    t.match(early.wait(1).view, { state: 'ended', reason: 'vanished' })
    const late = agreeing().send({ type: 'agreement.send', data: 'm3', confirms: true })
    t.match(late.wait(10_000).view, { state: 'ended', reason: 'unverified' })
  })

  t.test('ends when the other side leaves', async t => {
    t.match(agreeing().send(left(CALL, 'hungUp')).view, { state: 'ended', reason: 'peerHungUp' })
    t.match(agreeing().send(left(CALL, 'unverified')).view, { state: 'ended', reason: 'unverified' })
    t.match(agreeing().send(left(CALL, 'vanished')).view, { state: 'ended', reason: 'vanished' })
    t.equal(agreeing().send(left(OTHER_CALL, 'hungUp')).call, 'agreeing', 'another call')
    t.equal(agreeing().send(left(OTHER_CALL, 'unverified')).call, 'agreeing', 'another call')
  })

  t.test('waits again when the other side is cut off', async t => {
    t.equal(agreeing().send({ type: 'server.away', callId: OTHER_CALL }).call, 'agreeing')
    const rig = agreeing().send({ type: 'server.away', callId: CALL })
    t.equal(rig.call, 'waiting')
    t.notOk(rig.running.has('agreement'))
    t.same(rig.matched(OTHER_CALL).take(), [`agreement starts ABC XYZ ${OTHER_CALL}`])
  })

  t.test('goes on when it is told of the same match twice', async t => {
    const rig = new CallRig().online().matched()
    rig.take()
    t.same(rig.matched().take(), [])
    t.equal(rig.call, 'agreeing')
  })

  t.test('starts anew, with 10 s more, when it is matched anew', async t => {
    const rig = agreeing().send({ type: 'agreement.send', data: 'm3', confirms: true }).wait(9_000)
    rig.take()
    t.same(rig.matched(OTHER_CALL).take(), [`agreement starts ABC XYZ ${OTHER_CALL}`])
    t.equal(rig.wait(9_999).call, 'agreeing')
    rig.wait(1)
    t.equal(rig.view.reason, 'vanished', 'the guess of before is not counted again')
  })

  t.test('with one guess alone, whatever comes instead of its confirmation ends the call', async t => {
    const started = (oneGuess: boolean, confirms: boolean) => {
      const rig = new CallRig({ oneGuess }).online().matched()
      return rig.send({ type: 'agreement.send', data: 'm', confirms })
    }
    const instead = {
      'another match': { type: 'server.matched', callId: OTHER_CALL, resumed: false },
      'the other side is cut off': { type: 'server.away', callId: CALL },
      'the other side left': left(CALL, 'hungUp'),
    } as const
    for (const [what, event] of Object.entries(instead)) {
      t.match(started(true, true).send(event).view, { state: 'ended', reason: 'unverified' }, what)
      t.not(started(true, false).send(event).view.reason, 'unverified', `${what}: nothing was given away`)
      t.not(started(false, true).send(event).view.reason, 'unverified', `${what}: there are more guesses`)
    }
    t.match(started(true, true).wait(10_000).view, { state: 'ended', reason: 'unverified' }, 'silence')
    for (const event of [{ ...instead['the other side is cut off'], callId: OTHER_CALL }, left(OTHER_CALL, 'hungUp')])
      t.equal(started(true, true).send(event).call, 'agreeing', 'another call')
    const cut = started(true, true).closed(1).wait(0).online()
    t.equal(cut.call, 'agreeing', 'our own link fell')
    t.match(cut.matched(OTHER_CALL).view, { state: 'ended', reason: 'unverified' })
  })

  t.test('with one guess alone, a call that was confirmed may agree anew, and then has one again', async t => {
    const confirmed = new CallRig({ oneGuess: true }).online().matched()
    confirmed.send({ type: 'agreement.send', data: 'm3', confirms: true }).agreed()
    t.equal(confirmed.matched(OTHER_CALL).call, 'agreeing')
    confirmed.send({ type: 'agreement.send', data: 'm3', confirms: true })
    t.match(confirmed.matched(CALL).view, { state: 'ended', reason: 'unverified' })
  })

  t.test('ends when the person hangs up', async t => {
    const rig = agreeing().send({ type: 'hangUp' })
    t.match(rig.view, { state: 'ended', reason: 'hungUp' })
    t.same(rig.take(), ['link tell leave hungUp', 'link close'])
  })
})

t.test('joined', async t => {
  t.test('keeps keys and sound when the server says that the call was resumed', async t => {
    const rig = relayed().matched(CALL, true)
    t.equal(rig.view.state, 'talking')
    t.same(rig.take(), [])
  })

  t.test('agrees anew when the other side comes back without keys', async t => {
    const rig = new CallRig().talk().send({ type: 'confirm' }).send({ type: 'mute' }).matched(OTHER_CALL)
    t.equal(rig.call, 'agreeing')
    t.notOk(rig.running.has('session'), 'the old keys are gone')
    rig.take()
    rig.agreed('code')
    t.match(rig.view, { state: 'talking', verified: false, muted: true })
    t.same(rig.take().slice(0, 2), ['session starts auto', 'sound starts muted'])
    rig.closed(1).wait(0).online()
    matchAll(t, rig.take(), [/dial/, /adopt/, `link tell call XYZ ${OTHER_CALL}`], 'resumes the new call, not the old')
  })

  t.test('does not resume the old call when it is cut off while agreeing anew', async t => {
    const rig = relayed().matched(OTHER_CALL).closed(1).wait(0)
    rig.take()
    t.same(rig.online().take(), ['link adopt 2', 'link tell call XYZ'])
  })

  t.test('says bye three times in 600 ms and ends by 2 s', async t => {
    const rig = relayed().send({ type: 'hangUp' })
    t.equal(rig.view.state, 'ending')
    const bye = 'session bye hungUp not-answer'
    t.same(rig.take(), [bye])
    t.same(rig.wait(299).take(), [])
    t.same(rig.wait(1).take(), [bye])
    t.same(rig.wait(300).take(), [bye])
    t.same(rig.wait(1_399).take(), [])
    t.equal(rig.view.state, 'ending')
    t.same(rig.wait(1).take(), ['link tell leave hungUp', 'link close'])
    t.match(rig.view, { state: 'ended', reason: 'hungUp' })
  })

  t.test('ends as soon as the bye is answered', async t => {
    const rig = relayed().send({ type: 'hangUp' }).wait(50)
    rig.send({ type: 'peer.bye', reason: 'hungUp', answer: true })
    t.match(rig.view, { state: 'ended', reason: 'hungUp' })
    t.equal(rig.take().filter(told => told.startsWith('session')).length, 1)
  })

  t.test('ends at once when the person hangs up a second time', async t => {
    const rig = relayed().send({ type: 'hangUp' }).send({ type: 'hangUp' })
    t.match(rig.view, { state: 'ended', reason: 'hungUp' })
  })

  t.test('answers a bye that crosses its own, and keeps its reason', async t => {
    const rig = relayed().send({ type: 'hangUp' })
    rig.take()
    rig.send({ type: 'peer.bye', reason: 'failed', answer: false })
    t.match(rig.view, { state: 'ended', reason: 'hungUp' })
    t.same(rig.take(), ['session bye hungUp answer', 'link tell leave hungUp', 'link close'])
  })

  t.test('answers a bye, once, and ends', async t => {
    const rig = relayed().send({ type: 'peer.bye', reason: 'hungUp', answer: false })
    t.match(rig.view, { state: 'ended', reason: 'peerHungUp' })
    t.same(rig.take(), ['session bye hungUp answer', 'link tell leave hungUp', 'link close'])
    t.equal(rig.clock.pending, 0)
  })

  t.test('an answer to no bye changes nothing', async t => {
    const rig = relayed().send({ type: 'peer.bye', reason: 'hungUp', answer: true })
    t.equal(rig.view.state, 'talking')
  })

  t.test('does not begin anew while it ends', async t => {
    const rig = relayed().send({ type: 'hangUp' }).matched(OTHER_CALL)
    t.equal(rig.view.state, 'ending')
    t.match(rig.wait(2_000).view, { state: 'ended', reason: 'hungUp' })
  })

  t.test('tells a reason that fits to the other side and to the server', async t => {
    const cases = [
      [{ type: 'sound.failed', name: 'deviceLost', message: 'Gone.', hint: '' }, 'failed', 'failed'],
      [{ type: 'peer.status', muted: false, doubt: false, recording: false, wants: 'direct' }, 'noRoute', 'noRoute'],
      [{ type: 'hangUp' }, 'hungUp', 'hungUp'],
    ] as const
    for (const [event, bye, leave] of cases) {
      const rig = new CallRig({ wants: 'relay' }).talk().send(event)
      t.equal(rig.take().at(-1), `session bye ${bye} not-answer`)
      t.equal(rig.wait(2_000).take().at(-2), `link tell leave ${leave}`)
    }
  })
})
