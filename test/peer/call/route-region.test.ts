import t from 'tap'
import type { DirectEvent } from '../../../peer/call/events.js'
import type { RouteWish } from '../../../protocol/packet.js'
import { CallRig } from './rig.js'

type Numbered = Exclude<DirectEvent, { type: 'address.changed' }>['type']

const news = (type: Numbered, generation: number) => ({ type, generation, why: 'because' }) as DirectEvent
const wants = (wish: RouteWish) => ({ type: 'peer.status', muted: false, doubt: false, wants: wish }) as const
/** The relay carries voice for `ms`. */
const talked = (ms: number, rig = new CallRig()) => rig.answering().talk().hear('relay', ms)

t.test('racing', async t => {
  t.test('gives the direct route a head start of 1 s, then sends on the relay as well', async t => {
    const rig = talked(980)
    t.equal(rig.route, 'racing')
    t.equal(rig.view.route, null)
    rig.wait(20)
    t.equal(rig.route, 'relayed.probing')
    t.equal(rig.view.route, 'relay')
    t.same(rig.take(), [], 'the attempt goes on')
  })

  t.test('takes the direct route when it is proved, not when it merely opens', async t => {
    const rig = talked(200).send(news('direct.open', 1))
    t.equal(rig.route, 'racing')
    rig.send(news('direct.proved', 1))
    t.equal(rig.route, 'direct.trusted')
    t.equal(rig.view.route, 'direct')
  })

  t.test('goes to the relay at once when direct fails or is not to be had', async t => {
    t.equal(talked(200).send(news('direct.failed', 1)).route, 'relayed.resting')
    t.equal(talked(200).send(news('direct.unavailable', 1)).route, 'relayed.off')
  })

  t.test('does not race when the relay alone is wanted', async t => {
    const rig = new CallRig({ wants: 'relay' }).talk()
    t.equal(rig.route, 'relayed.off')
    const theirs = talked(200).send(wants('relay'))
    t.equal(theirs.route, 'relayed.off', 'by the other side')
  })

  t.test('never goes to the relay when direct alone is wanted, and ends after 15 s', async t => {
    const rig = talked(14_980, new CallRig({ wants: 'direct' }))
    t.equal(rig.route, 'racing')
    t.match(rig.wait(20).view, { state: 'ending', reason: 'noRoute' })
  })

  t.test('ends as noRoute when the only route that is wanted fails', async t => {
    for (const type of ['direct.failed', 'direct.unavailable'] as const) {
      const rig = talked(200, new CallRig({ wants: 'direct' })).send(news(type, 1))
      t.match(rig.view, { state: 'ending', reason: 'noRoute' }, type)
    }
  })

  t.test('ends as noRoute when the two wishes exclude each other', async t => {
    t.match(new CallRig({ wants: 'relay' }).talk().send(wants('direct')).view, { state: 'ending', reason: 'noRoute' })
    t.match(new CallRig({ wants: 'direct' }).talk().send(wants('relay')).view, { state: 'ending', reason: 'noRoute' })
  })
})

t.test('relayed', async t => {
  t.test('proves an opened direct route before voice moves', async t => {
    const rig = talked(1_000).send(news('direct.open', 1))
    t.equal(rig.route, 'relayed.verifying')
    t.equal(rig.view.route, 'relay')
    t.equal(rig.send(news('direct.proved', 1)).route, 'direct.trusted')
  })

  t.test('leaves an opened route that is not proved within 5 s', async t => {
    const rig = talked(1_000).send(news('direct.open', 1)).hear('relay', 4_980)
    t.equal(rig.route, 'relayed.verifying')
    rig.take()
    t.equal(rig.wait(20).route, 'relayed.resting')
    t.same(rig.take(), ['direct leave 1'])
  })

  t.test('leaves an attempt that has not opened 15 s after it began', async t => {
    const rig = talked(14_980)
    t.equal(rig.route, 'relayed.probing')
    t.equal(rig.wait(20).route, 'relayed.resting')
    t.same(rig.take(), ['direct leave 1'])
  })

  t.test('rests when the attempt fails, before or after it opened', async t => {
    t.equal(talked(1_000).send(news('direct.failed', 1)).route, 'relayed.resting')
    const opened = talked(1_000).send(news('direct.open', 1))
    t.equal(opened.send(news('direct.failed', 1)).route, 'relayed.resting')
  })

  t.test('tries again after 5 s, then each 20 s for 10 minutes, then each 60 s', async t => {
    const rig = talked(200).send(news('direct.failed', 1))
    const pauses: number[] = []
    let since = rig.clock.now()
    for (let generation = 2; pauses.length < 33; ) {
      rig.hear('relay', 200, 200)
      if (!rig.take().includes(`direct try ${generation}`)) continue
      pauses.push(Math.round((rig.clock.now() - since) / 1_000))
      since = rig.clock.now()
      rig.send(news('direct.failed', generation++))
    }
    const tenMinutes = Array.from({ length: 29 }, () => 20)
    t.same(pauses, [5, ...tenMinutes, 60, 60, 60])
  })

  t.test('tries again at once when the address changes', async t => {
    const rig = talked(200).send(news('direct.failed', 1))
    rig.take()
    rig.send({ type: 'address.changed' })
    t.equal(rig.route, 'relayed.probing')
    t.same(rig.take(), ['direct try 2'])
  })

  t.test('a success makes the next pause short again', async t => {
    const rig = talked(200)
    for (const generation of [1, 2, 3]) rig.send(news('direct.failed', generation)).send({ type: 'address.changed' })
    rig.send(news('direct.proved', 4)).send(news('direct.failed', 4))
    t.equal(rig.hear('relay', 4_980).route, 'relayed.resting')
    t.equal(rig.wait(20).route, 'relayed.probing')
  })

  t.test('is off for good when direct is not to be had or not wanted', async t => {
    const unavailable = talked(1_000).send(news('direct.unavailable', 1))
    const atOnce = talked(200).send(news('direct.unavailable', 1))
    const onceSevered = talked(1_000).send(news('direct.unavailable', 1)).wait(400).hear('relay')
    const unwanted = talked(1_000).send(news('direct.failed', 1)).send(wants('relay'))
    for (const rig of [unavailable, atOnce, onceSevered, unwanted]) {
      rig.take()
      rig.send({ type: 'address.changed' }).hear('relay', 120_000, 200)
      t.equal(rig.route, 'relayed.off')
      t.notOk(rig.take().some(told => told.startsWith('direct')))
    }
  })

  t.test('goes back to racing when the other side wants direct alone', async t => {
    const rig = talked(1_000).send(wants('direct'))
    t.equal(rig.route, 'racing')
    t.equal(rig.hear('relay', 2_000).route, 'racing')
  })
})

t.test('direct', async t => {
  t.test('is doubted after 100 ms of silence, and trusted again by one packet', async t => {
    const rig = new CallRig().answering().direct().wait(99)
    t.equal(rig.route, 'direct.trusted')
    t.equal(rig.wait(1).route, 'direct.doubtful')
    t.equal(rig.view.route, 'direct')
    t.equal(rig.hear('direct').route, 'direct.trusted')
    t.equal(rig.wait(99).route, 'direct.trusted')
  })

  t.test('is left for the relay after 400 ms more', async t => {
    const rig = new CallRig().answering().direct().hear('relay', 480)
    t.equal(rig.route, 'direct.doubtful', 'what comes over the relay does not help it')
    t.same(rig.take(), [])
    t.equal(rig.hear('relay', 20).route, 'relayed.resting')
    t.same(rig.take(), ['direct leave 1'])
    t.equal(rig.hear('relay', 4_980).route, 'relayed.resting')
    t.equal(rig.wait(20).route, 'relayed.probing')
    t.same(rig.take(), ['direct try 2'])
  })

  t.test('is left at once when it reports its end', async t => {
    const rig = new CallRig().answering().direct().send(news('direct.failed', 1))
    t.equal(rig.route, 'relayed.resting')
  })

  t.test('is left when the other side wants the relay alone', async t => {
    const rig = new CallRig().answering().direct().send(wants('relay'))
    t.equal(rig.route, 'relayed.off')
    t.same(rig.take(), ['direct leave 1'])
  })

  t.test('is severed when nothing comes on any route for 400 ms', async t => {
    const rig = new CallRig().answering().direct().wait(399)
    t.equal(rig.route, 'direct.doubtful')
    t.equal(rig.wait(1).route, 'severed')
    t.equal(rig.view.route, null)
    t.same(rig.take(), ['direct leave 1', 'link dial 2', 'link abandon 2'])
  })
})

t.test('severed', async t => {
  t.test('is reached from each other state', async t => {
    const racing = new CallRig().talk().hear('relay')
    const probing = talked(1_000)
    const verifying = talked(1_000).send(news('direct.open', 1))
    const resting = talked(1_000).send(news('direct.failed', 1))
    const off = talked(1_000).send(news('direct.unavailable', 1))
    for (const [name, rig] of Object.entries({ racing, probing, verifying, resting, off })) {
      t.equal(rig.hear('relay').wait(399).route.split('.').at(-1), name)
      t.equal(rig.wait(1).route, 'severed', name)
    }
  })

  t.test('is left for the relay when that is heard', async t => {
    const rig = talked(1_000).wait(400).hear('relay')
    t.equal(rig.route, 'relayed.resting')
    t.equal(rig.view.route, 'relay')
  })

  t.test('is left for the direct route when that is proved', async t => {
    const rig = talked(1_000).wait(400).send(news('direct.proved', 1)).hear('direct')
    t.equal(rig.route, 'direct.trusted')
  })

  t.test('what comes over an unproved direct route does not move voice there', async t => {
    t.equal(talked(1_000).wait(400).hear('direct').route, 'severed')
  })
})

t.test('news of older direct attempts', async t => {
  const racing = () => talked(200)
  const probing = () => talked(1_000)
  const verifying = () => talked(1_000).send(news('direct.open', 1))
  const resting = () => talked(1_000).send(news('direct.failed', 1))
  const direct = () => new CallRig().answering().direct()
  const severed = () => talked(1_000).wait(400)
  const types: Numbered[] = ['direct.open', 'direct.proved', 'direct.failed', 'direct.unavailable']
  for (const [name, make] of Object.entries({ racing, probing, verifying, resting, direct, severed })) {
    for (const type of types) {
      const rig = make()
      const before = rig.snapshot
      rig.take()
      for (const generation of [0, 2]) rig.send(news(type, generation))
      t.same(rig.snapshot.value, before.value, `${name} ignores ${type}`)
      t.same(rig.take(), [])
    }
  }
})
