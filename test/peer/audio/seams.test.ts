/** What is heard where voice stops and begins: recorded speech through the real player and Opus. */
import t from 'tap'
import { levelOf } from '../../../peer/audio/level.js'
import { loadOpus } from '../../../peer/audio/opus-file.js'
import { SeededRandom } from '../../simulation/seeded-random.js'
import { worstClick } from './click-measure.js'
import { encoded, listen, speechFrames } from './listening.js'
import { type Block, blocksOver, type Network } from './networks.js'

const FRAMES = 1100
const END_MS = FRAMES * 20 - 500
const codec = await loadOpus()
const speech = speechFrames(FRAMES)
const packets = encoded(codec, speech)

const TROUBLES: readonly Network[] = [
  { name: 'losses', delayMs: 20, loss: 0.1 },
  { name: 'losses, repeated', delayMs: 20, loss: 0.2, repeats: [1, 2] },
  { name: 'long holes', delayMs: 20, loss: 0.2, burst: 12 },
  { name: 'jitter', delayMs: 70, jitterMs: 60 },
  { name: 'stalls', delayMs: 20, stallEveryMs: 2000, stallMs: 450 },
  { name: 'fast clock', delayMs: 20, ppm: 2000 },
]

/** The most that recorded speech itself has of it, and a little. */
const BOUND = 8

t.test('a cut through speech would be found', async t => {
  t.ok(worstClick(speech).size < BOUND, 'speech itself does not click')
  const cut = speech.slice(0, 48_000 * 5)
  for (let at = 48_000; at < cut.length; at += 12_345) cut.fill(0, at, at + 2400)
  t.ok(worstClick(cut).size > 1.5 * BOUND)
})

t.test('nothing clicks, whatever the network does', async t => {
  for (const network of TROUBLES) {
    const decoder = codec.createDecoder()
    const { heard, player } = listen(decoder, packets, blocksOver(network, FRAMES, 4), END_MS)
    decoder.close()
    const { size, ms } = worstClick(heard)
    t.ok(size < BOUND, `${network.name}: ${size.toFixed(1)} at ${ms} ms`)
    const { framesConcealed, scaledMs } = player.stats()
    t.ok(
      framesConcealed + scaledMs > 10,
      `${network.name}: ${framesConcealed} made up, ${scaledMs.toFixed(0)} ms scaled`,
    )
  }
})

t.test('nothing clicks when the delay changes, often', async t => {
  const blocks = blocksOver({ name: '', delayMs: 30 }, FRAMES).map(
    ({ ms, at }): Block => ({ at, ms: ms + (at % 600 < 100 ? (at * 37) % 50 : 0) }),
  )
  blocks.sort((a, b) => a.ms - b.ms)
  const decoder = codec.createDecoder()
  const { heard, player } = listen(decoder, packets, blocks, END_MS)
  decoder.close()
  t.ok(player.stats().scaledMs > 30, `${player.stats().scaledMs} ms scaled`)
  const { size, ms } = worstClick(heard)
  t.ok(size < BOUND, `${size.toFixed(1)} at ${ms} ms`)
})

/** Muted from `from` on for 600 ms, each of them. */
function muting(starts: readonly number[]) {
  const blocks = blocksOver({ name: '', delayMs: 20 }, FRAMES)
  return blocks.filter(({ ms }) => !starts.some(start => ms >= start && ms < start + 600))
}

t.test('muting and coming back do not click, and muted is silent to the bit', async t => {
  const starts = Array.from({ length: 14 }, (_, i) => 1000 + 1437 * i)
  const decoder = codec.createDecoder()
  const { heard } = listen(decoder, packets, muting(starts), END_MS, { mutes: starts })
  decoder.close()
  const { size, ms } = worstClick(heard)
  t.ok(size < BOUND, `${size.toFixed(1)} at ${ms} ms`)
  for (const start of starts) {
    const muted = heard.subarray((start + 100) * 48, (start + 600) * 48)
    t.equal(levelOf(muted), -100, `muted at ${start}`)
  }
})

/** The speech with a room around it at about -62 dBFS. */
const random = new SeededRandom(6)
const room = packetsWithRoom()
function packetsWithRoom() {
  const noisy = speech.map(sample => Math.round(sample + random.between(-45, 45)))
  return encoded(codec, noisy)
}

t.test('a line on which nothing comes keeps its background, which goes within five seconds', async t => {
  const decoder = codec.createDecoder()
  const blocks = blocksOver({ name: '', delayMs: 20 }, FRAMES).filter(({ ms }) => ms < 10_000 || ms >= 18_000)
  const { heard } = listen(decoder, room, blocks, END_MS)
  decoder.close()
  const level = (fromMs: number, toMs: number) => levelOf(heard.subarray(fromMs * 48, toMs * 48))
  const background = level(10_200, 11_000)
  t.ok(background > -75 && background < -50, `${background.toFixed(1)} dBFS after concealment`)
  t.ok(level(13_500, 14_000) < background - 6, 'it fades')
  t.equal(level(15_500, 17_900), -100, 'and goes')
  t.ok(worstClick(heard).size < BOUND)
  // No hole between voice that fades and noise that rises.
  for (let ms = 10_040; ms < 10_300; ms += 10) t.ok(level(ms, ms + 10) > -80, `${ms} ms: ${level(ms, ms + 10)}`)
})

t.test('a frame whose successor is here comes out of the error correction that the successor holds', async t => {
  const encoder = (await loadOpus({ application: 'voip' })).createEncoder()
  encoder.setExpectedLoss(20)
  const corrected = Array.from({ length: FRAMES }, (_, at) => encoder.encode(speech.subarray(at * 960, (at + 1) * 960)))
  encoder.close()
  // Every seventh frame never comes; jitter at the start makes the delay long enough for successors to be here.
  const blocks = blocksOver({ name: '', delayMs: 20 }, FRAMES)
    .map(({ ms, at }): Block => ({ at, ms: ms + (at % 10 === 0 ? 45 : 0) }))
    .filter(({ at }) => at % 7 !== 3)
  blocks.sort((a, b) => a.ms - b.ms)
  const whole = listened(corrected, blocksOver({ name: '', delayMs: 65 }, FRAMES))
  const [withIt, without] = [true, false].map(recovers => distance(whole, listened(corrected, blocks, recovers))) as [
    number,
    number,
  ]
  t.ok(
    withIt < 0.6 * without,
    `${withIt.toFixed(3)} of the speech's energy is wrong, and ${without.toFixed(3)} without`,
  )
})

function listened(packets: readonly Uint8Array[], blocks: readonly Block[], recovers = true): Int16Array {
  const decoder = codec.createDecoder()
  const recover: typeof decoder.recover = packet => decoder.recover(packet)
  const none: typeof decoder.recover = () => ({ ok: false, error: { name: 'internalError', message: '' } })
  const { heard } = listen(
    {
      decode: packet => decoder.decode(packet),
      conceal: () => decoder.conceal(),
      recover: recovers ? recover : none,
      close: () => {},
    },
    packets,
    blocks,
    END_MS,
  )
  decoder.close()
  return heard
}

/** How much of the energy of `a` is not in `b`, at the shift at which it is least, over the second half. */
function distance(a: Int16Array, b: Int16Array): number {
  let least = Number.POSITIVE_INFINITY
  const [from, to] = [a.length >> 1, a.length - 4800]
  for (let shift = -2400; shift <= 2400; shift += 1) {
    let [off, all] = [0, 0]
    // A coarse look at each shift is enough to find it.
    for (let i = from; i < to; i += 97) {
      off += (a[i]! - b[i + shift]!) ** 2
      all += a[i]! ** 2
    }
    least = Math.min(least, off / all)
  }
  return least
}
