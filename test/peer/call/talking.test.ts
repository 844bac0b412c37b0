import t from 'tap'
import { CALL, CallRig, OTHER_CALL, relayed } from './rig.js'

const leftHint = { type: 'server.left', callId: CALL, reason: 'hungUp' } as const

t.test('liveness', async t => {
  t.test('gives the other side 3 s for its first packet', async t => {
    const rig = new CallRig().talk()
    t.equal(rig.talking('liveness'), 'awaited')
    rig.wait(2_999)
    t.equal(rig.talking('liveness'), 'awaited')
    rig.wait(1)
    t.equal(rig.talking('liveness'), 'quiet.hoping')
    const heard = new CallRig().talk().wait(2_999).hear('relay').wait(399)
    t.equal(heard.talking('liveness'), 'present')
  })

  t.test('is quiet after 400 ms, silent after 600 more, gone after 30 s', async t => {
    const rig = relayed().answering().wait(399)
    t.equal(rig.talking('liveness'), 'present')
    t.equal(rig.wait(1).talking('liveness'), 'quiet.hoping')
    t.equal(rig.view.silent, false)
    t.equal(rig.wait(599).view.silent, false)
    t.equal(rig.wait(1).view.silent, true)
    t.equal(rig.talking('liveness'), 'quiet.silent')
    t.equal(rig.wait(29_399).view.state, 'talking')
    t.match(rig.wait(1).view, { state: 'ended', reason: 'vanished' })
    t.ok(rig.take().includes('link tell leave vanished'))
  })

  t.test('each packet gives 400 ms more', async t => {
    const rig = relayed()
    for (let i = 0; i < 5; i++) rig.wait(399).hear('relay')
    t.equal(rig.talking('liveness'), 'present')
  })

  t.test('anything that authenticates brings it back, even at the last moment', async t => {
    for (const route of ['relay', 'direct'] as const) {
      const rig = relayed().wait(30_399).hear(route)
      t.equal(rig.talking('liveness'), 'present')
      t.equal(rig.view.silent, false)
      t.equal(rig.wait(399).view.state, 'talking')
    }
  })

  t.test('blames the server when that is gone too', async t => {
    const rig = relayed().closed(1)
    rig.wait(30_400)
    t.match(rig.view, { state: 'ended', reason: 'serverLost' })
  })

  t.test('goes on without a server as long as the other side is heard', async t => {
    const rig = new CallRig().direct().closed(1).hear('direct', 90_000)
    t.match(rig.view, { state: 'talking', route: 'direct', reconnecting: true })
  })

  t.test('believes the server that the other side left only once nothing is heard', async t => {
    const talking = relayed().send(leftHint).hear('relay', 1_000)
    t.equal(talking.view.state, 'talking')
    t.match(talking.wait(400).view, { state: 'ended', reason: 'peerHungUp' })
    const quiet = relayed().wait(400)
    t.equal(quiet.view.state, 'talking')
    t.match(quiet.send(leftHint).view, { state: 'ended', reason: 'peerHungUp' })
    const unheard = new CallRig().talk()
    t.match(unheard.send(leftHint).view, { state: 'ended', reason: 'peerHungUp' }, 'nothing was ever heard')
  })

  t.test('ends as unverified when the other side left for that, and nothing is heard', async t => {
    const unverified = { ...leftHint, reason: 'unverified' } as const
    t.match(new CallRig().talk().send(unverified).view, { state: 'ended', reason: 'unverified' })
    t.match(relayed().wait(400).send(unverified).view, { state: 'ended', reason: 'unverified' })
    t.equal(relayed().send(unverified).hear('relay', 1_000).view.state, 'talking', 'it is the word of the server')
    const other = { ...unverified, callId: OTHER_CALL }
    t.equal(new CallRig().talk().send(other).view.state, 'talking', 'another call')
  })

  t.test('forgets the hint when the other side is heard for 2 s after it', async t => {
    const rig = relayed().send(leftHint).hear('relay', 1_980).wait(20)
    t.match(rig.wait(1_000).view, { state: 'talking', silent: true, route: null })
    const said = relayed().send(leftHint).hear('relay', 1_500).send(leftHint).hear('relay', 1_500)
    t.match(said.wait(400).view, { state: 'ended', reason: 'peerHungUp' }, 'said again counts anew')
    const rigAtOnce = relayed()
    const before = rigAtOnce.talking('liveness')
    t.equal(rigAtOnce.send(leftHint).talking('liveness'), before, 'the other regions stay where they are')
  })

  t.test('the end of another call is nothing to it', async t => {
    const rig = relayed()
      .send({ ...leftHint, callId: OTHER_CALL })
      .wait(1_000)
    t.equal(rig.view.state, 'talking')
    t.equal(rig.send({ ...leftHint, callId: OTHER_CALL }).view.state, 'talking')
  })

  t.test('forgets the hint with the call that it was about', async t => {
    const rig = relayed().send(leftHint).matched(OTHER_CALL).agreed().hear('relay').wait(400)
    t.equal(rig.view.state, 'talking')
  })
})

t.test('microphone', async t => {
  t.test('is muted and opened', async t => {
    const rig = relayed()
    t.equal(rig.talking('microphone'), 'open')
    t.same(rig.send({ type: 'unmute' }).take(), [], 'open already')
    t.same(rig.send({ type: 'mute' }).take(), ['sound muted muted'])
    t.equal(rig.view.muted, true)
    t.same(rig.send({ type: 'mute' }).take(), [], 'muted already')
    t.same(rig.send({ type: 'unmute' }).take(), ['sound muted not-muted'])
    t.equal(rig.view.muted, false)
  })
})

t.test('what the other side says of itself', async t => {
  const rig = relayed().send({ type: 'peer.status', muted: true, doubt: true, recording: false, wants: 'relay' })
  t.match(rig.snapshot.context, { peerMuted: true, peerDoubts: true, peerWants: 'relay' })
  rig.matched(OTHER_CALL).agreed()
  t.match(rig.snapshot.context, { peerMuted: false, peerDoubts: false, peerWants: null }, 'forgotten with the keys')
})

t.test('who keeps a recording', async t => {
  const says = (recording: boolean) =>
    ({ type: 'peer.status', muted: true, doubt: false, recording, wants: 'auto' }) as const
  const rig = relayed({ recording: true })
  t.match(rig.view, { recording: true, peerRecording: false })
  t.match(rig.send(says(true)).view, { recording: true, peerRecording: true, peerMuted: true })
  rig.matched(OTHER_CALL).agreed()
  t.match(rig.view, { recording: true, peerRecording: true }, 'it stands until the other side says otherwise')
  t.match(rig.send(says(false)).view, { peerRecording: false })
  t.match(rig.send({ type: 'recording.ended' }).view, { recording: false, state: 'talking' }, 'the call goes on')
  const between = relayed({ recording: true }).matched(OTHER_CALL).send({ type: 'recording.ended' })
  t.match(between.view, { state: 'agreeing', recording: false }, 'while keys are agreed anew')
  t.equal(relayed().view.recording, false)
})

t.test('confirming the code', async t => {
  const rig = new CallRig().online().matched().agreed('code')
  let confirmed = 0
  rig.actor.on('keyConfirmed', () => confirmed++)
  t.match(rig.view, { verified: false, how: 'code', since: null })
  t.match(rig.send({ type: 'confirm' }).view, { verified: true, how: 'code' })
  t.equal(rig.send({ type: 'confirm' }).view.verified, true)
  t.equal(confirmed, 1, 'once')
  rig.matched(OTHER_CALL).send({ type: 'agreement.agreed', mode: 'code', code: 'GHIJKL', since: 7_000 })
  t.match(rig.view, { verified: true, how: 'pinned', since: 7_000 }, 'keys agreed anew with one who is known')
  rig.send({ type: 'confirm' })
  t.equal(confirmed, 1, 'what is verified needs no confirmation')
})

t.test('hangs up by itself after the time that was given', async t => {
  const rig = relayed({ talkMs: 5_000 }).hear('relay', 4_980)
  t.equal(rig.view.state, 'talking')
  t.match(rig.wait(20).view, { state: 'ending', reason: 'hungUp' })
  const endless = relayed().hear('relay', 60_000, 200)
  t.equal(endless.view.state, 'talking')
})

t.test('ends when a device fails, with what happened', async t => {
  const rig = relayed().send({ type: 'sound.failed', name: 'deviceLost', message: 'The headset is gone.', hint: '' })
  t.match(rig.view, { state: 'ending', reason: 'deviceLost', detail: 'The headset is gone.' })
  t.match(rig.wait(2_000).view, { state: 'ended', reason: 'deviceLost', detail: 'The headset is gone.' })
})

t.test('ends as noRoute when the other side does', async t => {
  const rig = relayed().send({ type: 'peer.bye', reason: 'noRoute', answer: false })
  t.match(rig.view, { state: 'ended', reason: 'noRoute' })
  for (const reason of ['hungUp', 'failed', 'vanished'] as const) {
    t.equal(relayed().send({ type: 'peer.bye', reason, answer: false }).view.reason, 'peerHungUp', reason)
  }
})

t.test('the server relays no more', async t => {
  const usedUp = { type: 'server.usedUp', message: 'Tomorrow.' } as const
  const end = { state: 'ended', reason: 'refused', detail: 'Tomorrow.' }

  t.test('over the relay the call ends, and says why', async t => {
    t.match(relayed().send(usedUp).wait(5_000).view, end)
  })

  t.test('directly it goes on, until the direct route is gone', async t => {
    const rig = new CallRig().answering().direct().send(usedUp).hear('direct', 10_000)
    t.match(rig.view, { state: 'talking', route: 'direct' })
    t.match(rig.send({ type: 'direct.failed', generation: 1, why: 'gone' }).wait(5_000).view, end)
  })

  t.test('an attempt at the direct route that is under way is waited for', async t => {
    const rig = new CallRig().answering().talk().hear('relay').send(usedUp)
    t.equal(rig.view.state, 'talking')
    t.match(rig.send({ type: 'direct.proved', generation: 1 }).hear('direct', 40_000).view, { route: 'direct' })
    const failed = new CallRig().answering().talk().hear('relay').send(usedUp)
    failed.send({ type: 'direct.failed', generation: 1, why: 'no' }).hear('relay')
    t.match(failed.wait(5_000).view, end)
  })

  t.test('who is silent meanwhile has not vanished', async t => {
    const rig = new CallRig().answering().direct().send(usedUp).wait(40_000)
    t.match(rig.view, end)
  })

  t.test('with new keys it is forgotten', async t => {
    const rig = new CallRig().answering().direct().send(usedUp).matched(OTHER_CALL).agreed()
    rig.send({ type: 'direct.unavailable', generation: 1, why: 'none' }).hear('relay', 5_000)
    t.match(rig.view, { state: 'talking', route: 'relay' })
  })
})
