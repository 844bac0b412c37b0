/**
 * 50 calls through a server that is attacked in all ways, each alone and all at once. What that costs the calls is printed, and asserted is
 * what does not depend on how busy this machine is: nobody is thrown out, each frame is accounted for, newcomers get in, memory is bounded
 * and comes back.
 */
import t from 'tap'
import { MAX_MESSAGE_BYTES } from '../../protocol/signaling.js'
import { defaultLimits } from '../../signaling/limits.js'
import { phaseTable } from '../bench/attack.js'
import { Lab } from '../lab/lab.js'
import { type AttackName, attacks } from './attack/attacks.js'
import { type Phase, Siege } from './attack/siege.js'

const CALLS = 50
const PEACE_MS = 4000
const ALONE_MS = 1200
const ALL_MS = 6000
/** Who vanished without a word is found out by then, by the deadlines of door, login and pings, also on a busy machine. */
const SETTLE_MS = 45_000
const LIMIT_MS = 280_000

const MIB = 2 ** 20
/** One who waits has sent a head at most, one who is in a message, and the system's and Node's own share of a socket is about as much. */
const SOCKET_MB = (2 * MAX_MESSAGE_BYTES) / MIB
/** As many as the attack has: each may have what a socket may hold back. */
const DEAF_MB = (40 * defaultLimits.bufferedBytes) / MIB
/** What V8 lets lie until it collects, and what came in within one turn. */
const GARBAGE_MB = 96
/** Names, and who logged in of late, are remembered: under 1 KiB each. */
const REMEMBERED_MB = 10

const skip = process.platform !== 'linux' && 'it takes the many addresses of loopback, and /proc, which only Linux has'
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, count) => all + count, 0)

t.setTimeout(300_000)

t.test('calls go on through a server under attack', { skip, timeout: 290_000 }, async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const siege = await Siege.start(lab, { calls: CALLS, limitMs: LIMIT_MS })
  const peace = await siege.phase([], PEACE_MS)
  const before = await siege.settled()
  const names = Object.keys(attacks) as AttackName[]
  const phases: [string, Phase][] = []
  for (const name of names) phases.push([name, await siege.phase([name], ALONE_MS)])
  phases.push(['all at once', await siege.phase(names, ALL_MS)])
  const after = await siege.settled(SETTLE_MS, before)
  const again = await siege.phase([], PEACE_MS)
  const { sums, dropped } = await siege.finish()

  for (const line of phaseTable([['none', peace], ...phases, ['none, afterwards', again]], peace)) t.comment(line)
  for (const [name, { log, attackers }] of phases)
    t.comment(`${name}: log ${JSON.stringify(log)}, attackers ${JSON.stringify(Object.values(attackers))}`)
  t.comment(`before ${JSON.stringify(before)}`)
  t.comment(`after ${JSON.stringify(after)}`)
  t.comment(`calls ${JSON.stringify(sums)}, dropped by the server ${JSON.stringify(dropped)}`)

  t.same(sums.closed, [], 'no call lost a socket')
  t.same(sums.errors, [], 'or was told an error')
  t.equal(sums.disordered, 0, 'frames came in order, once')
  t.ok(sums.delivered > 0)
  t.equal(sums.offered, sums.delivered + sum(sums.dropped) + sum(dropped), 'each frame came or was dropped by name')

  for (const [name, { visits, rssMb, files }] of phases) {
    t.same(visits.failures, [], `${name}: the server answered and let newcomers in`)
    t.ok(visits.healthy > 0 && visits.loggedIn > 0, `${name}: ${visits.loggedIn} newcomers`)
    const bound = before.rssMb + files * SOCKET_MB + DEAF_MB + GARBAGE_MB
    t.ok(rssMb < bound, `${name}: ${rssMb} MiB with ${files} files, under ${bound.toFixed(0)}`)
  }
  t.ok(siege.server.running, 'the server lives')
  t.ok(after.files <= before.files, `open files ${before.files} -> ${after.files}`)
  t.ok(after.handles <= before.handles, `handles ${before.handles} -> ${after.handles}`)
  t.ok(after.heapMb < before.heapMb + REMEMBERED_MB, `heap ${before.heapMb} -> ${after.heapMb} MiB`)

  // That the attacks were there at all. What each limit does is for the tests in test/signaling.
  const told = new Set(phases.flatMap(([, { log }]) => Object.keys(log)))
  for (const why of ['tooManyMessages', 'flood']) t.ok(told.has(why), `the log names ${why}`)
  const opened = phases.map(([, { attackers }]) => attackers['2,000 half-open']?.opened ?? 0)
  t.ok(Math.max(...opened) >= 2000, `${Math.max(...opened)} connections were half-open`)
  const refused = phases.map(
    ([, { attackers }]) => attackers['wrong origins']?.['Unexpected server response: 403'] ?? 0,
  )
  t.ok(Math.max(...refused) > 0, `${Math.max(...refused)} wrong origins were refused`)
})
