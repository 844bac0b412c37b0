import t from 'tap'
import { Protection } from '../../../peer/session/protection.js'
import { voiceBytes } from '../../../protocol/packet.js'
import { FRAME_BYTES, packetRoom } from '../../../protocol/sealing.js'

const FINE = { lost: 0, burst: 0, late: 0 }

/** The same report each 500 ms for `ms`; from `protection`'s last moment on. */
class Reports {
  readonly protection = new Protection()
  now = 0

  say(report: Partial<typeof FINE>, ms = 500): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 500
      this.protection.heard({ ...FINE, ...report }, this.now)
    }
  }

  get plan() {
    const { size, together, repeats } = this.protection.plan
    return `${size} ${together} ${repeats}`
  }
}

t.test('sends each frame once, at a good bitrate, on a good network', async t => {
  const reports = new Reports()
  const before = reports.protection.plan
  t.match(before, { size: 'single', together: 1, bitrate: 32_000, expectedLoss: 0 })
  reports.say({ late: 20 }, 60_000)
  t.equal(reports.protection.plan, before, 'and is not disturbed')
})

t.test('the blocks of each plan fit into its frames', async t => {
  const reports = new Reports()
  const seen = new Map<string, number>()
  const see = () => {
    const { size, together, repeats, bitrate } = reports.protection.plan
    const blocks = Array.from({ length: together + repeats.length }, (_, at) => ({
      at,
      opus: new Uint8Array(bitrate / 400),
    }))
    seen.set(reports.plan, packetRoom(size) - voiceBytes(blocks))
  }
  see()
  for (const lost of [40, 200]) {
    reports.say({ lost }, 1000)
    see()
  }
  for (let n = 0; n < 20; n++) {
    reports.say({ late: 200 })
    see()
  }
  t.equal(seen.size, 5, [...seen.keys()].join())
  for (const [plan, rest] of seen) t.ok(rest >= 0 && rest < 12, `${plan}: ${rest} bytes are free`)
})

t.test('little loss is left to the error correction inside Opus', async t => {
  const reports = new Reports()
  reports.say({ lost: 12, burst: 10 })
  t.match(reports.protection.plan, { size: 'single', expectedLoss: 5, bitrate: 32_000 })
  t.notOk(reports.protection.heard({ lost: 14, burst: 10, late: 0 }, 1000), 'small changes change nothing')
  reports.say({})
  t.match(reports.protection.plan, { expectedLoss: 0 })
})

t.test('repeats more the more is lost, and in longer runs', async t => {
  const reports = new Reports()
  reports.say({ lost: 50, burst: 10 })
  t.equal(reports.plan, 'double 1 1')
  reports.say({ lost: 200, burst: 18 })
  t.equal(reports.plan, 'triple 1 1,2')
  reports.say({ lost: 100, burst: 30 })
  t.equal(reports.plan, 'double 1 2', 'in a row')
  reports.say({ lost: 40, burst: 15 })
  t.equal(reports.plan, 'double 1 2')
  reports.say({ lost: 40, burst: 10 })
  t.equal(reports.plan, 'double 1 1')
  reports.say({})
  t.equal(reports.plan, 'single 1 ')
})

t.test('does not swing with what 200 frames happen to tell', async t => {
  const reports = new Reports()
  reports.say({ lost: 26, burst: 10 })
  const plan = reports.plan
  for (const lost of [15, 30, 12, 22, 9]) reports.say({ lost, burst: 10 })
  t.equal(reports.plan, plan)
})

t.test('a queue makes it thin, one step or more at a time', async t => {
  const reports = new Reports()
  reports.say({ late: 70 }, 1000)
  t.equal(reports.plan, 'single 2 ')
  reports.say({ late: 80 }, 1000)
  t.equal(reports.plan, 'single 3 ')
  reports.say({ late: 500 }, 10_000)
  t.equal(reports.plan, 'single 3 ', 'there is no thinner one')
})

t.test('a queue that grows fast takes it to what the link carries', async t => {
  const { protection } = new Reports()
  protection.heard({ ...FINE, late: 60 }, 1000)
  protection.heard({ ...FINE, late: 300 }, 1300)
  t.equal(protection.plan.together, 3)
})

t.test('waits for a queue that shrinks', async t => {
  const reports = new Reports()
  reports.say({ late: 100 }, 1000)
  for (let late = 400; late > 60; late -= 60) reports.say({ late })
  t.equal(reports.plan, 'single 2 ')
})

t.test('a stall is no queue', async t => {
  const { protection } = new Reports()
  for (let at = 0; at < 60_000; at += 5000) {
    for (const [ms, late] of [
      [100, 190],
      [180, 100],
      [260, 20],
    ] as const)
      protection.heard({ ...FINE, late }, at + ms)
  }
  t.equal(protection.plan.together, 1)
})

t.test('gives up what it repeats before it thins the voice', async t => {
  const reports = new Reports()
  reports.say({ lost: 200 })
  reports.say({ lost: 200, late: 70 }, 1000)
  t.equal(reports.plan, 'double 1 1')
})

t.test('takes loss beyond any repetition for a narrow link', async t => {
  const reports = new Reports()
  reports.say({ lost: 500, burst: 20 }, 5000)
  t.equal(reports.plan, 'single 3 ')
})

t.test('tries again with more when it has been calm, and more rarely each time that this fails', async t => {
  const reports = new Reports()
  reports.say({ late: 70 }, 1000)
  const tries: number[] = []
  for (let n = 0; n < 5; n++) {
    const since = reports.now
    while (reports.plan === 'single 2 ' && reports.now - since < 300_000) reports.say({})
    tries.push(reports.now - since)
    reports.say({ late: 70 }, 1000)
    t.equal(reports.plan, 'single 2 ')
  }
  t.same(tries, [4500, 8500, 16500, 32500, 64500])
  reports.say({}, 200_000)
  t.equal(reports.plan, 'single 1 ')
})

t.test('begins afresh on another way', async t => {
  const reports = new Reports()
  reports.say({ lost: 200, late: 300 }, 5000)
  t.equal(reports.plan, 'single 3 ')
  t.equal(reports.protection.begin(reports.now), true)
  t.equal(reports.plan, 'triple 1 1,2')
  t.equal(reports.protection.begin(reports.now), false)
})

t.test('frames of each size differ', async t => {
  t.equal(new Set(Object.values(FRAME_BYTES)).size, 3)
})
