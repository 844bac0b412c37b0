import t from 'tap'
import type { DirectEvent } from '../../../peer/call/events.js'
import { TIMINGS } from '../../../peer/call/timings.js'
import type { RouteWish } from '../../../protocol/packet.js'
import { CALL, CallRig, OTHER_CALL } from './rig.js'

type Numbered = Exclude<DirectEvent, { type: 'address.changed' | 'direct.called' }>['type']

const news = (type: Numbered, generation: number) => ({ type, generation, why: 'because' }) as DirectEvent
const wants = (wish: RouteWish) =>
  ({ type: 'peer.status', muted: false, doubt: false, recording: false, wants: wish }) as const
/** Packets come over the relay for `ms`, and no status yet. */
const raced = (ms: number, rig = new CallRig()) => rig.answering().talk().hear('relay', ms)
/** The relay carries voice for `ms`. */
const talked = (ms: number) => raced(0).send(wants('auto')).hear('relay', ms)

t.test('racing', async t => {
  t.test('sends on the relay as soon as the other side says that it may', async t => {
    const rig = raced(1_000)
    t.equal(rig.route, 'racing.trying')
    t.equal(rig.view.route, null)
    rig.send(wants('auto'))
    t.equal(rig.route, 'relayed.probing')
    t.equal(rig.view.route, 'relay')
    t.same(rig.take(), [], 'the attempt goes on')
  })

  t.test('takes the direct route when it is proved, not when it merely opens', async t => {
    const rig = raced(20).send(news('direct.open', 1))
    t.equal(rig.route, 'racing.trying')
    rig.send(news('direct.proved', 1))
    t.equal(rig.route, 'direct.trusted')
    t.equal(rig.view.route, 'direct')
  })

  t.test('goes to the relay at once when direct fails or is not to be had', async t => {
    t.equal(raced(20).send(news('direct.failed', 1)).route, 'relayed.resting')
    t.equal(raced(20).send(news('direct.unavailable', 1)).route, 'relayed.off')
  })

  t.test('does not race when the relay alone is wanted', async t => {
    const rig = new CallRig({ wants: 'relay' })
    rig.online().matched().agreed()
    t.equal(rig.route, 'relayed.off')
    t.notOk(rig.take().includes('direct try 1'), 'no address is shown')
    const theirs = raced(20).send(wants('relay'))
    t.equal(theirs.route, 'relayed.off', 'by the other side')
    t.same(theirs.take(), ['direct leave 1'], 'which is news: the attempt is left')
    for (const rig of [talked(1_000), talked(1_000).send(news('direct.open', 1))]) {
      rig.take()
      t.equal(rig.send(wants('relay')).route, 'relayed.off')
      t.same(rig.take(), ['direct leave 1'])
    }
  })

  t.test('never goes to the relay when direct alone is wanted, and ends after 15 s', async t => {
    const rig = raced(14_980, new CallRig({ wants: 'direct' }))
    t.equal(rig.route, 'racing.trying')
    t.match(rig.wait(20).view, { state: 'ending', reason: 'noRoute' })
  })

  t.test(
    'goes on trying, and vanishes, when direct alone is wanted and nothing is heard of the other side',
    async t => {
      const rig = new CallRig({ wants: 'direct' }).answering().talk().hear('relay').wait(15_000)
      t.equal(rig.route, 'racing.trying')
      t.ok(rig.take().includes('direct try 2'))
      t.match(rig.wait(20_000).view, { state: 'ended', reason: 'vanished' })
    },
  )

  t.test('ends as noRoute when the only route that is wanted is not to be had', async t => {
    const rig = raced(200, new CallRig({ wants: 'direct' })).send(news('direct.unavailable', 1))
    t.match(rig.view, { state: 'ending', reason: 'noRoute' })
  })

  t.test('tries again a second after it failed, until 15 s are over, when direct alone is wanted', async t => {
    const rig = raced(200, new CallRig({ wants: 'direct' }))
    rig.take()
    for (let generation = 1; generation < 15; generation++) {
      rig.send(news('direct.failed', generation))
      t.equal(rig.route, 'racing.pausing')
      t.same(rig.hear('relay', 980).take(), [])
      t.same(rig.wait(20).take(), [`direct try ${generation + 1}`])
      t.equal(rig.route, 'racing.trying')
    }
    t.match(rig.hear('relay', 800).view, { state: 'ending', reason: 'noRoute' })
  })

  t.test('takes up what the other side begins in the pause, and the pause is over', async t => {
    const rig = raced(200, new CallRig({ wants: 'direct' })).send(news('direct.failed', 1))
    rig.take()
    rig.send({ type: 'direct.called', generation: 2 })
    t.equal(rig.route, 'racing.trying')
    t.same(rig.take(), ['direct try 2'])
    t.same(rig.hear('relay', 2_000).take(), [])
    t.equal(rig.send(news('direct.proved', 2)).route, 'direct.trusted')
  })

  t.test('begins anew when the address changes, with what is left of its time', async t => {
    const rig = raced(20)
    rig.take()
    rig.send({ type: 'address.changed' })
    t.same(rig.take(), ['direct try 2'])
    t.equal(rig.hear('relay', 1_000).route, 'racing.trying')
    t.equal(rig.send(wants('auto')).route, 'relayed.probing')
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

  t.test('tries again at once when the server is back, which is the way to negotiate', async t => {
    const rig = talked(200).send(news('direct.failed', 1))
    rig.take()
    rig.matched(CALL, true)
    t.equal(rig.route, 'relayed.probing')
    t.same(rig.take(), ['direct try 2'])
    rig.hear('relay', 1_000).matched(CALL, true)
    t.same(rig.take(), [], 'the attempt that is under way goes on: what was lost is said again')
    rig.send(news('direct.failed', 2)).matched(OTHER_CALL, true)
    t.equal(rig.route, 'relayed.resting', 'nothing follows from another call')
  })

  t.test('a success that lasts makes the next pause short again, one that falls soon does not', async t => {
    for (const [lasts, pause] of [
      [30_000, 5_000],
      [29_980, 20_000],
    ] as const) {
      const rig = talked(200)
      for (const generation of [1, 2, 3]) rig.send(news('direct.failed', generation)).send({ type: 'address.changed' })
      rig.send(news('direct.proved', 4)).hear('direct', lasts).send(news('direct.failed', 4))
      t.equal(rig.hear('relay', pause - 20).route, 'relayed.resting', `${lasts} ms`)
      t.equal(rig.wait(20).route, 'relayed.probing')
    }
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

  t.test('carries no voice when the other side wants direct alone, and tries direct only', async t => {
    const probing = talked(1_000).send(wants('direct'))
    t.equal(probing.route, 'relayed.probing', 'the attempt goes on')
    t.equal(probing.view.route, null)
    const resting = talked(1_000).send(news('direct.failed', 1))
    resting.take()
    t.equal(resting.send(wants('direct')).route, 'racing.trying')
    t.same(resting.take(), ['direct try 2'])
    t.equal(resting.hear('relay', 2_000).route, 'racing.trying')
  })

  t.test('begins anew when the address changes while an attempt is under way', async t => {
    for (const rig of [talked(1_000), talked(1_000).send(news('direct.open', 1))]) {
      rig.take()
      rig.send({ type: 'address.changed' })
      t.equal(rig.route, 'relayed.probing')
      t.same(rig.take(), ['direct try 2'])
      t.equal(rig.hear('relay', TIMINGS.directOpening - 20).route, 'relayed.probing', 'with all its time')
    }
  })
})

t.test('direct', async t => {
  t.test('is doubted after 130 ms of silence, and trusted again when it was heard for 300 ms', async t => {
    const rig = new CallRig().answering().direct().wait(129)
    t.equal(rig.route, 'direct.trusted')
    t.equal(rig.wait(1).route, 'direct.doubtful')
    t.equal(rig.view.route, 'direct')
    t.equal(rig.hear('direct', 280).route, 'direct.regaining.heard')
    t.equal(rig.view.route, 'direct')
    t.equal(rig.wait(20).route, 'direct.trusted')
    t.equal(rig.hear('direct').wait(129).route, 'direct.trusted')
  })

  t.test('is doubted anew when it comes by fits and starts, and left in time', async t => {
    const rig = new CallRig().answering().direct().wait(130).hear('direct', 160).wait(129)
    t.equal(rig.route, 'direct.regaining.heard')
    t.equal(rig.wait(1).route, 'direct.doubtful')
    t.equal(rig.hear('relay', 380).route, 'direct.doubtful')
    t.equal(rig.hear('relay', 20).route, 'relayed.resting')
  })

  t.test('is left for the relay after 400 ms more', async t => {
    const rig = new CallRig().answering().direct().hear('relay', 520)
    t.equal(rig.route, 'direct.doubtful', 'what comes over the relay does not help it')
    t.same(rig.take(), [])
    t.equal(rig.hear('relay', 20).route, 'relayed.resting')
    t.same(rig.take(), ['direct leave 1'])
    t.equal(rig.hear('relay', 4_980).route, 'relayed.resting')
    t.equal(rig.wait(20).route, 'relayed.probing')
    t.same(rig.take(), ['direct try 2'])
  })

  t.test('goes on when the address changes; if it falls then, the next attempt comes at once', async t => {
    for (const wait of [0, 200, 400]) {
      const rig = new CallRig().answering().direct().hear('relay', wait)
      rig.send({ type: 'address.changed' })
      t.same(rig.take(), [], `${wait} ms after the last packet`)
      rig.hear('relay', 520 - wait)
      t.match(rig.route, /^direct/)
      rig.hear('relay', 20)
      t.equal(rig.route, 'relayed.probing')
      t.same(rig.take(), ['direct leave 1', 'direct try 2'])
      rig.send(news('direct.failed', 2))
      t.equal(rig.route, 'relayed.resting', 'the one after that has to wait')
    }
    const rig = new CallRig().answering().direct().send({ type: 'address.changed' })
    t.equal(rig.hear('direct', 5_000).route, 'direct.trusted')
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

  t.test('is left in its own time also when nothing comes on any route', async t => {
    const rig = new CallRig().answering().direct().wait(529)
    t.equal(rig.route, 'direct.doubtful')
    t.equal(rig.wait(1).route, 'relayed.resting')
    t.same(rig.take(), ['direct leave 1'])
  })
})

t.test('a quiet moment of the whole call', async t => {
  t.test('changes neither the route nor what is under way', async t => {
    const trying = new CallRig({ wants: 'direct' }).talk().hear('relay')
    const probing = talked(1_000)
    const verifying = talked(1_000).send(news('direct.open', 1))
    const resting = talked(1_000).send(news('direct.failed', 1))
    const off = talked(1_000).send(news('direct.unavailable', 1))
    for (const [name, rig] of Object.entries({ trying, probing, verifying, resting, off })) {
      rig.hear('relay').wait(400)
      t.equal(rig.route.split('.').at(-1), name)
      t.equal(rig.hear('relay').route.split('.').at(-1), name)
    }
  })

  t.test('does not put off the next attempt, however often it comes', async t => {
    const rig = talked(1_000).answering().send(news('direct.failed', 1))
    rig.take()
    for (let i = 0; i < 9; i++) rig.wait(500).hear('relay')
    t.equal(rig.route, 'relayed.resting')
    t.equal(rig.wait(500).hear('relay').route, 'relayed.probing')
    t.ok(rig.take().includes('direct try 2'))
  })

  t.test('is over with whatever is heard; voice moves to the direct route only when that is proved', async t => {
    const rig = talked(1_000).wait(400).hear('direct')
    t.equal(rig.view.route, 'relay')
    t.equal(rig.wait(400).send(news('direct.proved', 1)).hear('direct').view.route, 'direct')
  })
})

t.test('an attempt that the other side began', async t => {
  const called = (generation: number) => ({ type: 'direct.called', generation }) as const
  const states = {
    probing: () => talked(1_000),
    verifying: () => talked(1_000).send(news('direct.open', 1)),
    resting: () => talked(1_000).send(news('direct.failed', 1)),
    direct: () => new CallRig().answering().direct(),
  }

  t.test('takes the place of an older one, with all its time', async t => {
    for (const [name, make] of Object.entries(states)) {
      const rig = make()
      rig.take()
      rig.send(called(2))
      t.equal(rig.route, 'relayed.probing', name)
      t.same(rig.take(), ['direct try 2'])
      t.equal(rig.hear('relay', TIMINGS.directOpening - 20).route, 'relayed.probing')
      t.equal(rig.wait(20).route, 'relayed.resting')
    }
  })

  t.test('does not begin with the relay', async t => {
    const rig = raced(20)
    rig.take()
    rig.send(called(2))
    t.same(rig.take(), ['direct try 2'])
    t.equal(rig.hear('relay', 1_000).route, 'racing.trying')
    t.equal(rig.send(wants('auto')).route, 'relayed.probing')
  })

  t.test('is ignored when it is not newer', async t => {
    for (const [name, make] of Object.entries({ ...states, racing: () => raced(20) })) {
      const rig = make()
      rig.take()
      const before = rig.snapshot.value
      for (const generation of [1, 0, 65535]) rig.send(called(generation))
      t.same(rig.snapshot.value, before, name)
      t.same(rig.take(), [])
    }
  })

  t.test('is newer also after the numbers have wrapped', async t => {
    const rig = talked(1_000).send(called(0x7000)).send(called(0xe000)).send(called(1))
    t.equal(rig.snapshot.context.generation, 1)
  })

  t.test('is declined where there is no direct route in this call', async t => {
    const rig = new CallRig({ wants: 'relay' }).answering().talk().hear('relay')
    rig.take()
    rig.send(called(3))
    t.equal(rig.route, 'relayed.off')
    t.same(rig.take(), ['direct leave 3'])
  })
})

t.test('news of older direct attempts', async t => {
  const racing = () => talked(200)
  const probing = () => talked(1_000)
  const verifying = () => talked(1_000).send(news('direct.open', 1))
  const resting = () => talked(1_000).send(news('direct.failed', 1))
  const direct = () => new CallRig().answering().direct()
  const types: Numbered[] = ['direct.open', 'direct.proved', 'direct.failed', 'direct.unavailable']
  for (const [name, make] of Object.entries({ racing, probing, verifying, resting, direct })) {
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
