/** Frames between two native engines on a voice lane and on a data channel, in turns: how soon, how many packets, how late under loss. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connect, Signal } from '../../peer/routes/connection.js'
import { loadNative } from '../../peer/routes/node-native.js'
import { LANE_LINE } from '../../peer/routes/sdp-lane.js'
import { SEALED_BYTES } from '../../protocol/index.js'
import { UdpBetween } from '../lab/udp-between.js'
import { connectionPair, until } from '../peer/routes/connection-pair.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { fixed, median, percentile, table } from './figures.js'
import type { Part } from './part.js'

export type Lane = 'channel' | 'lane'

const LANES: readonly Lane[] = ['channel', 'lane']
const OPENS = 20
const FRAME_MS = 20
const TALK_S = 8
const LOSSY_S = 15
const SEEDS = [1, 2, 3] as const
const DELAY_MS = 40
/** A frame that comes so much later than it could is of no use to most players. */
const LATE_MS = 100
const IP_UDP_BYTES = 28

export type Losses = { readonly name: string } & (
  | {
      /** Of packets, at the start of a run of losses. */
      readonly share: number
      /** Packets lost in a row. */
      readonly run: number
    }
  /** Nothing passes for so long in each `everyMs`. */
  | { readonly outageMs: number; readonly everyMs: number }
)

export const LOSSES: readonly Losses[] = [
  { name: '20 %, each alone', share: 0.2, run: 1 },
  { name: '10 % in bursts of 3', share: 0.1 / 3, run: 3 },
  { name: '20 % in bursts of 3', share: 0.2 / 3, run: 3 },
  { name: 'all for 0.2 s in 2 s', outageMs: 200, everyMs: 2000 },
]

export const lanes: Part = async ({ say }) => {
  const native = await loadNative()
  const opens: Record<Lane, number[]> = { channel: [], lane: [] }
  for (let n = 0; n < OPENS; n++) for (const lane of LANES) opens[lane].push(await openMs(native, lane))
  const opening = LANES.map(lane => [
    lane,
    fixed(median(opens[lane])),
    `${fixed(Math.min(...opens[lane]))} - ${fixed(Math.max(...opens[lane]))}`,
  ])
  for (const line of table([[`ms to open, of ${OPENS}`, 'median', 'range'], ...opening])) say(line)

  say('')
  const costs = []
  for (const lane of LANES) {
    const { packets, bytes } = await talk(native, lane, { seconds: TALK_S })
    costs.push([lane, fixed(packets), fixed(bytes), fixed(await cpu(native, lane), 2)])
  }
  for (const line of table([['a side and second', 'packets', 'bytes', 'CPU %'], ...costs])) say(line)

  say('')
  const rows = []
  for (const losses of LOSSES)
    for (const seed of SEEDS)
      for (const lane of LANES)
        rows.push([
          `${losses.name}, seed ${seed}, ${lane}`,
          ...latenessRow(await talk(native, lane, { seconds: LOSSY_S, losses, seed })),
        ])
  for (const line of table([['lost on the way', 'came', 'p99 ms', 'longest ms', 'late', 'longest gap ms'], ...rows]))
    say(line)
  say(
    `Frames of ${SEALED_BYTES} bytes, one each ${FRAME_MS} ms each way; IP and UDP counted. Ms later than without loss; late: over ${LATE_MS}.`,
  )
}

export interface Talk {
  /** A second and side. */
  readonly packets: number
  readonly bytes: number
  readonly sent: number
  /** How much later than the way takes each came, ms. */
  readonly delays: readonly number[]
  /** The longest time in which one side heard nothing, ms. */
  readonly gap: number
}

export function latenessRow({ sent, delays, gap }: Talk): string[] {
  const late = delays.filter(ms => ms > LATE_MS).length
  return [
    `${fixed((100 * delays.length) / sent, 1)} %`,
    fixed(percentile(delays, 0.99)),
    fixed(Math.max(...delays)),
    `${fixed((100 * late) / delays.length, 1)} %`,
    fixed(gap),
  ]
}

function changed(lane: Lane, signal: Signal): Signal {
  return lane === 'lane' ? signal : { ...signal, text: signal.text.replace(`${LANE_LINE}\r\n`, '') }
}

async function openMs(connect: Connect, lane: Lane): Promise<number> {
  const pair = connectionPair([connect, connect], { onTheWay: signal => changed(lane, signal) })
  const start = performance.now()
  pair.start()
  if (!(await until(pair.isOpen, 20_000))) throw new Error('it does not open')
  const ms = performance.now() - start
  pair.close()
  return ms
}

/** % of a core, a side; with nothing between the two. */
async function cpu(connect: Connect, lane: Lane): Promise<number> {
  const pair = connectionPair([connect, connect], { onTheWay: signal => changed(lane, signal) })
  pair.start()
  if (!(await until(pair.isOpen, 20_000))) throw new Error('it does not open')
  const [used, start] = [process.cpuUsage(), performance.now()]
  await frames(TALK_S, n => {
    for (const { connection } of [pair.a, pair.b]) connection.send(new Uint8Array(SEALED_BYTES).fill(n))
  })
  const { user, system } = process.cpuUsage(used)
  const ms = performance.now() - start
  pair.close()
  return (100 * (user + system)) / 1000 / ms / 2
}

interface TalkOptions {
  readonly seconds: number
  readonly losses?: Losses
  readonly seed?: number
}

export async function talk(connect: Connect, lane: Lane, { seconds, losses, seed = 1 }: TalkOptions): Promise<Talk> {
  const between = await UdpBetween.start()
  const delays: number[] = []
  const heard: Record<'a' | 'b', number[]> = { a: [], b: [] }
  const sentAt: number[] = []
  const wayMs = losses ? DELAY_MS : 0
  const timed =
    (name: 'a' | 'b'): Connect =>
    (events, servers) =>
      connect(
        {
          ...events,
          message: bytes => {
            const now = performance.now()
            heard[name].push(now)
            delays.push(now - (sentAt[new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)] ?? now) - wayMs)
          },
        },
        servers,
      )
  const pair = connectionPair([timed('a'), timed('b')], {
    onTheWay: (signal, from) => between.onTheWay(changed(lane, signal), from),
  })
  try {
    pair.start()
    if (!(await until(pair.isOpen, 20_000))) throw new Error('it does not open')
    if (losses) {
      between.delayMs = DELAY_MS
      const fates = { a: fate(losses, seed), b: fate(losses, seed + 100) }
      between.passes = from => fates[from]()
    }
    const from = between.passages.length
    await frames(seconds, n => {
      const frame = new Uint8Array(SEALED_BYTES)
      new DataView(frame.buffer).setUint32(0, n)
      sentAt.push(performance.now())
      for (const { connection } of [pair.a, pair.b]) connection.send(frame)
    })
    const passed = between.passages.slice(from)
    await sleep(losses ? 1500 : 100)
    const bytes = passed.reduce((all, { payload }) => all + payload.length + IP_UDP_BYTES, 0)
    const sides = 2 * seconds
    const gap = Math.max(...Object.values(heard).map(at => Math.max(...at.slice(1).map((ms, n) => ms - at[n]!))))
    return { packets: passed.length / sides, bytes: bytes / sides, sent: 2 * sentAt.length, delays, gap }
  } finally {
    pair.close()
    between.close()
  }
}

/** Whether the next packet of one way passes. */
function fate(losses: Losses, seed: number): () => boolean {
  if ('outageMs' in losses) {
    const start = performance.now()
    return () => (performance.now() - start) % losses.everyMs < losses.everyMs - losses.outageMs
  }
  const { share, run } = losses
  const random = new SeededRandom(seed)
  let left = 0
  return () => {
    if (left === 0 && random.chance(share)) left = run
    return left === 0 || left-- < 0
  }
}

async function frames(seconds: number, send: (n: number) => void): Promise<void> {
  const start = performance.now()
  for (let n = 0; n < (1000 / FRAME_MS) * seconds; n++) {
    send(n)
    await sleep(Math.max(0, start + (n + 1) * FRAME_MS - performance.now()))
  }
}
