/** The playout delay that a player comes to, and what it costs, over networks with a seed; the player is the real one. */
import t from 'tap'
import type { Decoder } from '../../../peer/audio/codec.js'
import { ok } from '../../../protocol/result.js'
import { listen, speechFrames } from './listening.js'
import { type Block, blocksOver, NETWORKS, type Network } from './networks.js'

/** Speech as it is: a packet says which frame it holds. */
const speech = speechFrames(1000)
const silence = new Int16Array(960)
const frameOf = (at: number) => speech.subarray((at % 1000) * 960, ((at % 1000) + 1) * 960)
const plain: Decoder = {
  decode: packet => ok(frameOf(packet[0]! | (packet[1]! << 8))),
  recover: () => ok(silence),
  conceal: () => silence,
  close: () => {},
}
const packetsOf = (frames: number) =>
  Array.from({ length: frames }, (_, at) => Uint8Array.of((at % 1000) & 255, (at % 1000) >> 8))

/** From `fromMs` on: how long frames waited, above the quickest that can come, and what was not heard. */
function outcome(network: Network, frames: number, { fromMs = 5000, blocks = blocksOver(network, frames) } = {}) {
  const quickest = network.delayMs - (network.jitterMs ?? 0)
  const endMs = frames * 20 - 500
  let before = { lost: 0, late: 0, made: 0, scaled: 0 }
  const counts = (player: ReturnType<typeof listen>['player']) => {
    const { framesLost: lost, framesLate: late, framesConcealed: made, scaledMs: scaled } = player.stats()
    return { lost, late, made, scaled }
  }
  const { played, player } = listen(plain, packetsOf(frames), blocks, endMs, {
    each: (ms, player) => {
      if (ms === fromMs) before = counts(player)
    },
  })
  const after = counts(player)
  // A frame begins within the block of 10 ms: half of it, on average.
  const waits = played.filter(({ ms }) => ms >= fromMs).map(({ ms, at }) => ms + 5 - at * 20 - quickest)
  waits.sort((a, b) => a - b)
  const share = (count: number) => (100 * count) / ((endMs - fromMs) / 20)
  return {
    waits,
    delay: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    late: share(after.late - before.late),
    lost: share(after.lost - before.lost),
    made: share(after.made - before.made),
    scaledPerMinute: ((after.scaled - before.scaled) * 60_000) / (endMs - fromMs),
  }
}

/** The most that the delay may be, on average, ms, and the most that may be given up, percent. */
const BOUNDS: Readonly<Record<(typeof NETWORKS)[number]['name'], readonly [delayMs: number, lost: number]>> = {
  clean: [16, 0],
  '40 ms': [16, 0],
  '40 +-10 ms, 5 % lost, repeated 1 back': [45, 1],
  '40 ms, 20 % lost, repeated 1 and 2 back': [56, 2],
  '40 ms, 10 % lost in bursts of 3, repeated 1 and 2 back': [56, 6],
}

t.test('comes to a delay that fits the network', async t => {
  for (const network of NETWORKS) {
    const { delay, late, lost, made } = outcome(network, 6000)
    const [delayMs, most] = BOUNDS[network.name]
    const figures = `${delay.toFixed(1)} ms, ${late.toFixed(2)} % late, ${lost.toFixed(2)} % lost, ${made.toFixed(2)} % made up`
    t.ok(delay <= delayMs && lost <= most, `${network.name}: ${figures}`)
  }
})

t.test('a spike of 200 ms each 5 s costs its own frames, and no delay for good', async t => {
  const { waits, lost } = outcome({ name: 'spikes', delayMs: 40, stallEveryMs: 5000, stallMs: 200 }, 3000)
  t.ok(lost <= 100 * (10 / 250), `${lost.toFixed(2)} % lost`)
  const median = waits[waits.length >> 1]!
  t.ok(median < 20, `median ${median.toFixed(1)} ms`)
})

t.test('is short again five seconds after the network is', async t => {
  const frames = 1500
  const blocks = blocksOver({ name: 'even', delayMs: 40 }, frames).map(
    ({ ms, at }): Block => ({ at, ms: ms + (ms < 15_000 ? (at * 37) % 60 : 0) }),
  )
  blocks.sort((a, b) => a.ms - b.ms)
  const uneven = outcome({ name: '', delayMs: 40 }, 750, { blocks: blocks.filter(({ ms }) => ms < 14_900) })
  t.ok(uneven.delay > 50 && uneven.lost < 1, `${uneven.delay.toFixed(1)} ms, ${uneven.lost.toFixed(2)} % lost`)
  const even = outcome({ name: '', delayMs: 40 }, frames, { blocks, fromMs: 21_000 })
  t.ok(even.delay < 18 && even.lost === 0, `${even.delay.toFixed(1)} ms`)
})

t.test(
  'an hour with clocks that differ by 200 millionths, either way: no loss, no growth, hardly anything scaled',
  async t => {
    for (const ppm of [200, -200]) {
      const frames = 180_000
      let blocks = blocksOver({ name: 'drift', delayMs: 40, ppm }, frames)
      blocks = blocks.filter(({ ms }) => ms < frames * 20)
      const came = new Float64Array(frames)
      for (const { ms, at } of blocks) came[at] = ms
      // Blocks of 2 ms show the delay better than those of 10, in which it moves in steps.
      const { played, player } = listen(plain, packetsOf(frames), blocks, frames * 20 - 2000, { blockMs: 2 })
      let [least, most] = [Number.POSITIVE_INFINITY, 0]
      for (const { ms, at } of played) {
        if (ms < 5000) continue
        least = Math.min(least, ms + 2 - came[at]!)
        most = Math.max(most, ms - came[at]!)
      }
      const { framesLost, framesConcealed, scaledMs } = player.stats()
      t.equal(framesLost, 0, `${ppm} ppm: nothing lost`)
      t.equal(framesConcealed, 0, `${ppm} ppm: nothing made up`)
      t.ok(least >= 0 && most <= 10, `${ppm} ppm: played ${least.toFixed(1)} to ${most.toFixed(1)} ms after they came`)
      // The drift itself is 720 ms an hour.
      t.ok(scaledMs < 2000, `${ppm} ppm: ${scaledMs.toFixed(0)} ms scaled in an hour`)
    }
  },
)
