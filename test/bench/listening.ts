/** The listening side alone, on a virtual clock: what it does over several networks, where it clicks, and what it allocates. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { FRAME_MS } from '../../peer/audio/codec.js'
import { loadOpus } from '../../peer/audio/opus-file.js'
import { Player } from '../../peer/audio/player.js'
import { Ring } from '../../peer/audio/ring.js'
import { clickiness } from '../peer/audio/click-measure.js'
import { encoded, listen, speechFrames } from '../peer/audio/listening.js'
import { blocksOver, NETWORKS, type Network } from '../peer/audio/networks.js'
import { fixed, median, table } from './figures.js'
import type { Part } from './part.js'

const FRAMES = 3000
const END_MS = FRAMES * FRAME_MS - 500
/** Counted from here on: the start is another matter. */
const FROM_MS = 5000

const ALL: readonly Network[] = [
  ...NETWORKS,
  { name: '40 +-30 ms', delayMs: 40, jitterMs: 30 },
  { name: '40 ms, stands still for 200 ms each 5 s', delayMs: 40, stallEveryMs: 5000, stallMs: 200 },
  { name: '40 ms, 20 % lost in bursts of 12', delayMs: 40, loss: 0.2, burst: 12 },
]

export const listening: Part = async ({ say }) => {
  const codec = await loadOpus()
  const packets = encoded(codec, speechFrames(FRAMES))
  const rows = [['', 'waits, ms', 'lost %', 'late %', 'made up %', 'scaled, ms a minute', 'worst click']]
  for (const network of ALL) {
    const decoder = codec.createDecoder()
    const quickest = network.delayMs - (network.jitterMs ?? 0)
    const { heard, played, player } = listen(decoder, packets, blocksOver(network, FRAMES), END_MS)
    decoder.close()
    const { framesLost, framesLate, framesConcealed, scaledMs } = player.stats()
    const waits = played.filter(({ ms }) => ms > FROM_MS).map(({ ms, at }) => ms - at * FRAME_MS - quickest)
    const percent = (count: number) => fixed((100 * count) / FRAMES, 2)
    const worst = clickiness(heard).reduce((worst, { size }) => Math.max(worst, size), 0)
    rows.push([
      network.name,
      fixed(waits.reduce((sum, wait) => sum + wait, 0) / waits.length, 1),
      ...[framesLost, framesLate, framesConcealed].map(percent),
      fixed((scaledMs * 60_000) / END_MS, 0),
      fixed(worst, 1),
    ])
  }
  for (const line of table(rows)) say(line)
  say(
    'Waits: from the quickest arrival there can be to the 10 ms block in which a frame begins. Clicks: see clickiness();',
  )
  say(
    `recorded speech itself has ${fixed(
      clickiness(speechFrames(1100)).reduce((w, { size }) => Math.max(w, size), 0),
      1,
    )}.`,
  )
  const { heap, buffers } = allocations(packets, codec.createDecoder())
  say(
    `A frame of 20 ms from ring to speaker allocates ${fixed(heap, 0)} bytes on the heap, ${fixed(buffers, 0)} in buffers.`,
  )
}

/** Bytes for each frame that goes through ring, jitter buffer and player, in the median of short runs without a collection. */
function allocations(packets: readonly Uint8Array[], decoder: Parameters<typeof listen>[0]) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const ring = Ring.create()
  const player = new Player({ ring, decoder })
  const block = new Int16Array(480)
  let at = 0
  const run = (frames: number) => {
    for (const end = at + frames; at < end; at++) {
      ring.push(at, packets[at % packets.length]!)
      player.pull(block, at * FRAME_MS)
      player.pull(block, at * FRAME_MS + 10)
    }
  }
  run(5000)
  const runs = Array.from({ length: 21 }, () => {
    collect()
    const before = process.memoryUsage()
    run(100)
    const after = process.memoryUsage()
    return { heap: (after.heapUsed - before.heapUsed) / 100, buffers: (after.arrayBuffers - before.arrayBuffers) / 100 }
  })
  return { heap: median(runs.map(({ heap }) => heap)), buffers: median(runs.map(({ buffers }) => buffers)) }
}
