/** Servers of a cluster are restarted one after the other while 200 calls talk over their relay; what of it is heard. */
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, type Server } from '../lab/lab.js'
import { NatsLab } from '../lab/nats.js'
import { fixed } from './figures.js'
import type { Part } from './part.js'
import { RollingCaller } from './rolling-caller.js'

const CALLS = 200
const SERVERS = 3
/** Two frames of voice at a time, as on a thin link: all 400 sides are played by one program, which shall not be the limit. */
const FRAME_MS = 40
const WARM_UP_MS = 8_000

export const rolling: Part = async ({ say, lab, atEnd }) => {
  const reason = NatsLab.unavailable()
  if (reason) return say(`Not measured: ${reason}.`)
  const nats = await NatsLab.start(1)
  atEnd(() => nats.close())
  const start = async (port: number) => {
    const cluster = ['--cluster', nats.urls[0]!, '--cluster-url', `ws://127.0.0.1:${port}`]
    const limits = [
      'max-sockets-per-address',
      'max-logins-per-address',
      'max-requests-per-address',
      'max-new-names-per-address',
    ]
    const server = await lab.server({
      port,
      limitMs: 600_000,
      args: [...cluster, ...limits.flatMap(name => [`--${name}`, '100000'])],
    })
    await server.event(line => line.msg === 'in the cluster')
    return server
  }
  const servers: Server[] = []
  for (let n = 0; n < SERVERS; n++) servers.push(await start(await freePort()))
  // Each has said once that it is there.
  await sleep(1_500)

  const callers: RollingCaller[] = []
  atEnd(() => {
    for (const caller of callers) caller.close()
  })
  for (let n = 0; n < CALLS; n++) {
    const two = [new RollingCaller(`a${n}`, `b${n}`), new RollingCaller(`b${n}`, `a${n}`)]
    callers.push(...two)
    for (const [i, caller] of two.entries()) await caller.goTo(servers[(n + i * (n % 2)) % SERVERS]!.url)
  }
  for (const until = Date.now() + 30_000; Date.now() < until && !callers.every(({ isTalking }) => isTalking); )
    await sleep(50)
  const began = performance.now()
  // Evenly spread, each once in FRAME_MS.
  let said = 0
  const speaking = setInterval(() => {
    const due = ((performance.now() - began) / FRAME_MS) * callers.length
    for (; said < due; said++) callers[said % callers.length]!.say()
  }, 5)
  atEnd(() => clearInterval(speaking))
  await sleep(WARM_UP_MS)

  const period = async (what: string, ms: number, act: () => Promise<void>) => {
    for (const caller of callers) caller.reset()
    const before = callers.map(({ said, heard, moves }) => ({ said, heard, moves }))
    const from = performance.now()
    await act()
    await sleep(Math.max(0, from + ms - performance.now()))
    const lost = callers.map((caller, n) => caller.said - before[n]!.said - (caller.heard - before[n]!.heard))
    const gaps = callers.map(({ longestMs }) => longestMs).sort((x, y) => x - y)
    const moves = callers.reduce((sum, { moves }, n) => sum + moves - before[n]!.moves, 0)
    const at = (share: number) => fixed(gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))]!)
    const missing = lost.filter(frames => frames > 0).reduce((sum, frames) => sum + frames, 0)
    say(
      `${what}: ${moves} moves; longest time without a frame: p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)} ms; ` +
        `frames lost: ${missing} of ${callers.reduce((sum, { said }, n) => sum + said - before[n]!.said, 0)}, at most ${Math.max(...lost)} of one side`,
    )
  }
  say(
    `${CALLS} calls over the relay of ${SERVERS} servers, ${1_000 / FRAME_MS} frames a second each way; all sides in one program.`,
  )
  await period('Nothing happens', 5_000, async () => {})
  for (const [n, server] of servers.entries())
    await period(`Server ${n + 1} restarts`, 12_000, async () => {
      server.kill('SIGTERM')
      const { code } = await server.exit(60_000)
      if (code !== 0) throw new Error(`it ended with ${code}\n${server.describe()}`)
      servers[n] = await start(server.port)
      await sleep(2_500)
    })
  await period('Nothing happens', 5_000, async () => {})
}
