import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { only } from '../lab/event.js'
import type { Direction, Wire } from '../lab/wire.js'
import { steadily } from './steadily.js'
import { judgeBoth, sleep, WholeCall } from './whole-call.js'

t.setTimeout(240_000)

/** Memory that a process holds, MB; NaN where there is no /proc. */
function memoryOf(pid: number | undefined): number {
  try {
    const [, kb] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/) ?? []
    return Number(kb) / 1024
  } catch {
    return Number.NaN
  }
}

/** Sealed frames that passed, and when, epoch ms. */
function frames(wire: Wire, direction: Direction): Map<string, number> {
  const voice = wire.messages.filter(
    message => message.opcode === 2 && message.payload[0] === 1 && message.direction === direction,
  )
  return new Map(voice.map(({ payload, at }) => [Buffer.from(payload.subarray(LEG_HEADER_BYTES)).toString('hex'), at]))
}

/** What the server made of the frames that came between two moments: how many, how many went on, the longest time it took, ms. */
function passage(from: Wire, to: Wire, [start, end]: readonly [number, number]) {
  const arrived = frames(to, 'down')
  const sent = [...frames(from, 'up')].filter(([, at]) => at >= start && at < end)
  const times = sent.flatMap(([frame, at]) => (arrived.has(frame) ? [arrived.get(frame)! - at] : []))
  return { sent: sent.length, lost: sent.length - times.length, longest: Math.max(0, ...times) }
}

t.test('goes on unheard and unharmed while others send two hundred hostile messages', { timeout: 240_000 }, t =>
  steadily(t, async t => {
    const call = await WholeCall.start(t, { proxied: true })
    await call.talking()
    await sleep(4000)
    const memory = [memoryOf(call.server.pid)]
    const start = Date.now()
    const script = fileURLToPath(new URL('./hostile-program.js', import.meta.url))
    const attacker = call.lab.program(script, [`${call.server.port}`], { name: 'attacker' })
    const { answers } = (await attacker.event(event => event.event === 'answers', 30_000)) as Record<string, object>
    await attacker.exit(15_000)
    const end = Date.now()
    memory.push(memoryOf(call.server.pid))
    const counts = Object.entries(answers as Record<string, number>)
    const tried = counts.reduce((sum, [, count]) => sum + count, 0)
    t.comment(`${tried} messages: ${counts.map(([what, count]) => `${what} ${count}`).join(', ')}`)
    t.comment(`server: ${memory.map(mb => mb.toFixed(0)).join(' MB before, ')} MB after`)
    t.ok(tried >= 200, 'two hundred and more')
    t.notOk(
      counts.some(([what]) => what === 'nothing'),
      'each was answered by name or ended its connection',
    )
    await sleep(1000)
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
    const { notes, faults, crowding } = judgeBoth(call)
    const [a, b] = [call.proxies!.a.wire, call.proxies!.b.wire]
    const ways = [passage(a, b, [start, end]), passage(b, a, [start, end])]
    const through = ways.map(({ sent, lost, longest }) => `${lost} of ${sent} frames, slowest ${longest} ms`).join('; ')
    const lost = ways.some(way => way.lost > 0 || way.sent < 50) ? [`the server lost ${through}`] : []
    return { notes: [...notes, `lost in the server meanwhile: ${through}`], faults: [...faults, ...lost], crowding }
  }),
)
