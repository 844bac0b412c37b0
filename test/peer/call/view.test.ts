import t from 'tap'
import { sendingOf } from '../../../peer/call/view.js'
import { CallRig, relayed } from './rig.js'

const news = (type: 'direct.open' | 'direct.failed', generation = 1) => ({ type, generation, why: '' })
const status = { type: 'peer.status', muted: false, doubt: false, recording: false, wants: 'auto' } as const

t.test('says in plain words where the call is', async t => {
  const rig = new CallRig()
  t.match(rig.view, { state: 'connecting', route: null, reason: null, mode: null, code: null, verified: false })
  t.match(rig.online().view, { state: 'waiting', reconnecting: false })
  t.match(rig.closed().view, { state: 'waiting', reconnecting: true }, 'it was connected once')
  t.match(rig.wait(0).online().matched().view, { state: 'agreeing' })
  t.match(rig.agreed('code').view, { state: 'talking', route: null, mode: 'code', code: 'ABCDEF', verified: false })
  t.match(rig.hear('relay', 1_000).view, { state: 'talking', route: null })
  t.match(rig.send(status).view, { state: 'talking', route: 'relay' })
  t.match(rig.send({ type: 'mute' }).view, { muted: true, peerMuted: false })
  t.match(rig.send({ ...status, muted: true }).view, { peerMuted: true })
  t.match(rig.send({ type: 'hangUp' }).view, { state: 'ending', route: null, reason: 'hungUp', muted: true })
  t.match(rig.wait(2_000).view, { state: 'ended', route: null, reason: 'hungUp' })
})

t.test('tells the route that voice is on', async t => {
  const rig = new CallRig().direct()
  t.equal(rig.view.route, 'direct')
  t.equal(rig.wait(130).view.route, 'direct', 'doubtful')
  t.equal(rig.wait(300).view.route, 'direct', 'a moment of quiet is not shown')
  t.equal(rig.wait(570).view.route, null, 'silent')
})

t.test('sends nothing before keys are agreed and after the end', async t => {
  const nothing = { voice: [], control: [], doubt: false }
  t.same(sendingOf(new CallRig().snapshot), nothing)
  t.same(sendingOf(new CallRig().online().matched().snapshot), nothing)
  t.same(sendingOf(relayed().send({ type: 'hangUp' }).wait(2_000).snapshot), nothing)
})

t.test('sends as the route says', async t => {
  const both = ['direct', 'relay']
  t.same(sendingOf(new CallRig().talk().snapshot), { voice: [], control: ['relay'], doubt: true }, 'racing')
  t.same(sendingOf(relayed().snapshot), { voice: ['relay'], control: ['relay'], doubt: true }, 'relayed.off')
  const probing = new CallRig().talk().send(status)
  t.same(sendingOf(probing.snapshot), { voice: ['relay'], control: ['relay'], doubt: true }, 'relayed.probing')
  t.same(
    sendingOf(probing.send(news('direct.open')).snapshot),
    { voice: ['relay'], control: ['relay'], doubt: true },
    'verifying',
  )
  t.same(
    sendingOf(probing.send(news('direct.failed')).snapshot),
    { voice: ['relay'], control: ['relay'], doubt: true },
    'resting',
  )
  const direct = new CallRig().direct()
  t.same(sendingOf(direct.snapshot), { voice: ['direct'], control: ['direct'], doubt: false }, 'trusted')
  t.same(sendingOf(direct.wait(130).snapshot), { voice: both, control: both, doubt: true }, 'doubtful')
  t.same(sendingOf(direct.wait(300).snapshot), { voice: both, control: both, doubt: true }, 'severed')
})

t.test('sends on both while the other side doubts', async t => {
  const rig = new CallRig()
    .direct()
    .send({ type: 'peer.status', muted: false, doubt: true, recording: false, wants: 'auto' })
  t.same(sendingOf(rig.snapshot).voice, ['direct', 'relay'])
})

t.test('puts no voice on the relay when one of the two wants direct alone', async t => {
  const own = new CallRig({ wants: 'direct' }).direct()
  t.same(sendingOf(own.wait(130).snapshot).voice, ['direct'])
  const theirs = new CallRig()
    .direct()
    .send({ type: 'peer.status', muted: false, doubt: true, recording: false, wants: 'direct' })
  t.same(sendingOf(theirs.wait(130).snapshot).voice, ['direct'])
})

t.test('says bye on every route, and no more voice', async t => {
  const rig = relayed().send({ type: 'hangUp' })
  t.same(sendingOf(rig.snapshot), { voice: [], control: ['direct', 'relay'], doubt: false })
})
