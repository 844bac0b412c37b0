/** 500 calls one after another in one process, by each engine: it holds no more after them than after the first hundred, and ends by itself. */
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Lab } from '../lab/lab.js'
import type { Holding } from './many-calls-main.js'

const CALLS = 500
const SETTLED_AFTER = 100
/** More in 400 calls is a leak, MiB: the smallest thing that could be forgotten, a connection, takes about 0.1. */
const MORE_MB = 20
/** More open files or timers at the end: one that is just being closed. */
const MORE = 4

t.setTimeout(1_200_000)
t.jobs = 2

const script = fileURLToPath(new URL('./many-calls-main.js', import.meta.url))
const alone = Object.values(networkInterfaces())
  .flat()
  .every(address => address?.internal)
const skip =
  (process.platform !== 'linux' && 'it counts open files in /proc, which only Linux has') ||
  (alone && 'this machine has no network but its own loopback, which is no way to another')

for (const engine of ['native', 'werift'])
  t.test(`${CALLS} calls by the ${engine} engine leave nothing behind`, { skip, timeout: 560_000 }, async t => {
    const lab = new Lab()
    t.teardown(() => lab.close())
    const options = { name: engine, limitMs: 550_000, nodeArgs: ['--expose-gc'] }
    const program = lab.program(script, [engine, `${CALLS}`], options)
    await program.event(holding => (holding as unknown as Holding).calls === CALLS, 540_000)
    t.same(await program.exit(40_000), { code: 0, signal: null }, 'it ends by itself')
    t.equal(program.stderr, '')
    const seen = program.events as unknown as Holding[]
    for (const holding of seen) t.comment(JSON.stringify(holding))
    const [before, after] = [seen.find(({ calls }) => calls === SETTLED_AFTER)!, seen.at(-1)!]
    t.ok(after.direct >= 0.9 * CALLS, `${after.direct} of ${CALLS} became direct`)
    t.ok(after.rssMb - before.rssMb < MORE_MB, `memory ${before.rssMb} -> ${after.rssMb} MiB`)
    t.ok(after.heapMb - before.heapMb < MORE_MB, `JavaScript's memory ${before.heapMb} -> ${after.heapMb} MiB`)
    t.ok(after.files - before.files <= MORE, `open files ${before.files} -> ${after.files}`)
    t.ok(after.handles - before.handles <= MORE, `handles ${before.handles} -> ${after.handles}`)
  })
