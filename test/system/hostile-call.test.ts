import { readFileSync } from 'node:fs'
import t from 'tap'
import { only } from '../lab/event.js'
import { hostileMessages, hostileSockets } from './hostile.js'
import { steadily } from './steadily.js'
import { judgeBoth, sleep, WholeCall } from './whole-call.js'

/** Memory that a process holds, MB; NaN where there is no /proc. */
function memoryOf(pid: number | undefined): number {
  try {
    const [, kb] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/) ?? []
    return Number(kb) / 1024
  } catch {
    return Number.NaN
  }
}

t.setTimeout(240_000)

t.test('goes on unheard and unharmed while others send two hundred hostile messages', { timeout: 240_000 }, t =>
  steadily(t, async t => {
    const call = await WholeCall.start(t)
    await call.talking()
    await sleep(4000)
    const memory = [memoryOf(call.server.pid)]
    const lost = () => [call.a, call.b].map(({ peer }) => only('stats', peer.events).at(-1)?.framesLost ?? 0)
    const [beforeA = 0, beforeB = 0] = lost()
    const sockets = hostileSockets(call.server.port)
    const answers = await hostileMessages(call.server.url)
    await sleep(3000)
    sockets.close()
    memory.push(memoryOf(call.server.pid))
    const [afterA = 0, afterB = 0] = lost()
    const tried = [...answers.values()].reduce((sum, count) => sum + count, 0)
    t.comment(`${tried} messages: ${[...answers].map(([what, count]) => `${what} ${count}`).join(', ')}`)
    t.comment(`server: ${memory.map(mb => mb.toFixed(0)).join(' MB before, ')} MB after`)
    t.ok(tried >= 200, 'two hundred and more')
    t.notOk(answers.has('nothing'), 'each was answered by name or ended its connection')
    await sleep(2000)
    t.ok(call.server.running)
    t.same(await call.hangUp(), [0, 0])
    for (const { id, peer } of [call.a, call.b]) {
      t.notOk(
        only('state', peer.events).some(({ reason }) => reason === 'silent'),
        `${id} was never silent`,
      )
      t.same(only('error', peer.events), [])
    }
    t.equal(call.server.events.filter(line => line.msg === 'establishing connection').length, 1)
    const { notes, faults, lateMs } = judgeBoth(call)
    const during = [afterA - beforeA, afterB - beforeB]
    const lostMore = during.some(frames => frames > 2) ? [`frames lost meanwhile: ${during}`] : []
    return { notes: [...notes, `frames lost meanwhile: ${during}`], faults: [...faults, ...lostMore], lateMs }
  }),
)
