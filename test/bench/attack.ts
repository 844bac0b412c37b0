/** 50 calls through a server that is attacked: in peace, under each attack alone, and under all at once. */
import { type AttackName, attacks } from '../quiet/attack/attacks.js'
import { type Phase, Siege } from '../quiet/attack/siege.js'
import { fixed, table } from './figures.js'
import type { Part } from './part.js'

const CALLS = 50
const PHASE_MS = 8000
const LIMIT_MS = 600_000
/** Who vanished without a word is found out by then, ms. */
const SETTLE_MS = 45_000

export const attack: Part = async ({ say, lab }) => {
  const siege = await Siege.start(lab, { calls: CALLS, limitMs: LIMIT_MS })
  await siege.phase([], 2000)
  const before = await siege.settled()
  const peace = await siege.phase([], PHASE_MS)
  const names = Object.keys(attacks) as AttackName[]
  const rows: [string, Phase][] = [['none', peace]]
  for (const name of names) {
    rows.push([name, await siege.phase([name], PHASE_MS)])
    await siege.settled(SETTLE_MS, before)
  }
  rows.push(['all at once', await siege.phase(names, PHASE_MS)])
  const after = await siege.settled(SETTLE_MS, before)
  const again = await siege.phase([], PHASE_MS)
  const ending = await siege.finish()
  for (const line of phaseTable([...rows, ['none, afterwards', again]], peace)) say(line)
  for (const [name, phase] of rows.slice(1)) {
    say(
      `${name}: the server's log: ${JSON.stringify(phase.log)}; what attackers saw: ${JSON.stringify(phase.attackers)}`,
    )
    for (const failure of phase.visits.failures) say(`${name}: a visitor failed: ${failure}`)
  }
  say(
    `After garbage collection: ${before.heapMb} MiB of heap and ${before.files} files before all attacks, then ${after.heapMb} and ${after.files}.`,
  )
  const { offered, delivered, disordered, dropped, closed, errors } = ending.sums
  say(
    `Frames: ${offered} offered, ${delivered} delivered, ${disordered} out of order; dropped by the senders ${JSON.stringify(dropped)}, by the ` +
      `server ${JSON.stringify(ending.dropped)}; sockets lost: ${closed.length}; errors: ${errors.length}.`,
  )
  say(
    `${CALLS} calls, both sides 50 frames a second; ${PHASE_MS / 1000} s each. Delay: from one side's send to the other's arrival, one process.`,
  )
}

/** The figures of phases, and what each adds to the first. */
export function phaseTable(rows: readonly (readonly [string, Phase])[], peace: Phase): string[] {
  const heads = [
    '',
    'p50 ms',
    'p99 ms',
    'max ms',
    'added p99',
    'server loop max ms',
    'RSS MiB',
    'files',
    'logins',
    'own loop ms',
  ]
  const cells = rows.map(([name, { measured, cpu, rssMb, loopMs, files, visits }]) => [
    name,
    fixed(measured.p50, 2),
    fixed(measured.p99, 2),
    fixed(measured.max, 1),
    fixed(measured.p99 - peace.measured.p99, 2),
    fixed(cpu),
    fixed(loopMs, 1),
    fixed(rssMb),
    fixed(files),
    fixed(visits.loggedIn),
    fixed(measured.ownLoopMs, 1),
  ])
  return table([heads, ...cells])
}
