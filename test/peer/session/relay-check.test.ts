import t from 'tap'
import { RelayCheck } from '../../../peer/session/relay-check.js'

/** A check whose probes the relay answers after so many ms. */
function relay() {
  const check = new RelayCheck()
  let now = 0
  const run = (ms: number, late: boolean, rttMs: number) => {
    let probes = 0
    for (const end = now + ms; now < end; ) {
      now += 20
      const probe = check.next(now, late)
      if (!probe) continue
      probes++
      if (rttMs < Number.POSITIVE_INFINITY) check.answered(probe, now + rttMs, late)
    }
    return probes
  }
  return { check, run, isQuick: () => check.isQuick(now) }
}

t.test('knows nothing of a relay that was never measured', async t => {
  const { check, run, isQuick } = relay()
  t.equal(isQuick(), false)
  run(1000, true, Number.POSITIVE_INFINITY)
  t.equal(isQuick(), false)
  t.equal(check.answered({ generation: 0, n: 77 }, 10, true), null)
})

t.test('the relay is quick as long as it answers as it usually does', async t => {
  const { run, isQuick } = relay()
  run(6000, false, 80)
  t.equal(run(1000, true, 90), 2, 'asked more often while it matters')
  t.equal(isQuick(), true)
  run(2000, true, 200)
  t.equal(isQuick(), false, 'it waits in the same queue')
  run(2000, true, 85)
  t.equal(isQuick(), true)
  run(2000, true, Number.POSITIVE_INFINITY)
  t.equal(isQuick(), false, 'it answers no more')
})

t.test('what it takes while all is late is not taken for usual', async t => {
  const { run, isQuick } = relay()
  run(6000, false, 80)
  run(60_000, true, 300)
  t.equal(isQuick(), false)
})

t.test('what it took when it carried the voice is usual as well', async t => {
  const { check, run, isQuick } = relay()
  check.carried(60)
  run(1000, true, 70)
  t.equal(isQuick(), true)
})
