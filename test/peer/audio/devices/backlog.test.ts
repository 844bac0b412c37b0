import t from 'tap'
import { Backlog } from '../../../../peer/audio/devices/backlog.js'

const never = (_now: number): boolean => false

/**
 * A player program that begins when it has 20 ms, and plays at `speed`; it is looked at each 5 ms and reports each 50.
 * Gives what waited at each look, really.
 */
function simulate(untilMs: number, { speed = 1, stalls = never, busy = never } = {}) {
  const backlog = new Backlog()
  const waited: number[] = []
  let [written, played, playing] = [0, 0, false]
  for (let now = 1000; now < 1000 + untilMs; now += 5) {
    playing ||= written >= 20 && now > 1080
    if (playing && !stalls(now)) played = Math.min(written, played + 5 * speed)
    if (busy(now)) continue
    while (backlog.wanted(now) >= 5) {
      backlog.wrote(5)
      written += 5
    }
    if (now % 50 === 0) backlog.played(played, now)
    waited.push(written - played)
  }
  return waited
}

t.test('holds what waits at its target', async t => {
  const waited = simulate(5000).slice(100)
  t.ok(Math.min(...waited) >= 15 && Math.max(...waited) <= 30, `${Math.min(...waited)} to ${Math.max(...waited)} ms`)
})

t.test('follows a device with a clock of its own', async t => {
  for (const speed of [0.998, 1.002]) {
    const waited = simulate(60_000, { speed }).slice(100)
    t.ok(Math.min(...waited) >= 10 && Math.max(...waited) <= 35, `${Math.min(...waited)} to ${Math.max(...waited)} ms`)
  }
})

t.test('sheds what gathers while the device stands still', async t => {
  const stalls = (now: number) => now > 3000 && now <= 3300
  const waited = simulate(5000, { stalls })
  const after = waited.slice(Math.ceil((3300 - 1000 + 400) / 5))
  t.ok(Math.max(...waited) < 100, `${Math.max(...waited)} ms at most`)
  t.ok(Math.max(...after) <= 35, `${Math.max(...after)} ms soon after`)
})

t.test('writes no burst after the program was late', async t => {
  const waited = simulate(5000, { busy: now => now > 3000 && now < 3400 })
  t.ok(Math.max(...waited.slice(100)) <= 35, `${Math.max(...waited.slice(100))} ms at most`)
})

t.test('keeps more once it ran dry', async t => {
  const backlog = new Backlog()
  backlog.wrote(30)
  backlog.played(5, 0)
  const before = backlog.wanted(0)
  backlog.ranDry()
  t.equal(backlog.wanted(0), before + 5)
  for (let i = 0; i < 100; i++) backlog.ranDry()
  t.ok(backlog.wanted(0) <= 80, 'within bounds')
})

t.test('stays small by reports of what waits, with a device that plays too fast or too slow', async t => {
  for (const rate of [0.998, 1, 1.002]) {
    const backlog = new Backlog()
    let [waiting, most, dry] = [0, 0, 0]
    for (let now = 0; now < 600_000; now += 5) {
      while (backlog.wanted(now) >= 5) {
        backlog.wrote(5)
        waiting += 5
      }
      most = Math.max(most, waiting)
      waiting -= 5 * rate
      if (waiting < 0) {
        waiting = 0
        dry++
        backlog.ranDry()
      }
      if (now % 10 === 0) backlog.holds(waiting, now + 5)
    }
    t.ok(most <= 60, `at most ${most.toFixed(1)} ms waited at rate ${rate}`)
    t.ok(dry <= 3, `ran dry ${dry} times in ten minutes`)
  }
})
