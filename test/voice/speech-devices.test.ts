import t from 'tap'
import { measureDelay } from '../measure/delay.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { VirtualClock } from '../virtual-clock.js'
import { busyClock } from './card.js'
import { speechLoop, voices } from './loop.js'
import { CardSpeaker, type SpeechParts, SpokenMicrophone } from './speech-devices.js'

function parts(driftPpm = 0): SpeechParts & { readonly clock: VirtualClock } {
  const clock = new VirtualClock(5_000)
  return { clock, card: { driftPpm }, busy: busyClock(clock, new SeededRandom(1)) }
}

t.test('says all recordings one after the other, from any of them on', async t => {
  t.ok(voices.length >= 2)
  const [one, two] = [speechLoop(0), speechLoop(1)]
  t.equal(one.length, two.length)
  const same = (a: Int16Array, b: Int16Array) => a.every((value, i) => value === b[i])
  t.notOk(same(one, two))
  t.ok(same(speechLoop(voices.length), one))
})

t.test('the microphone gives each sample once, in blocks of 10 ms, shortly after they were said', async t => {
  const all = parts()
  const loop = Int16Array.from({ length: 5_000 }, (_, i) => i)
  const microphone = new SpokenMicrophone(all, loop)
  const heard: number[] = []
  const late: number[] = []
  const start = await microphone.open(block => {
    heard.push(...block)
    late.push(all.clock.now() - start - heard.length / 48)
  })
  all.clock.advance(1_000)
  await microphone.close()
  all.clock.advance(1_000)
  t.equal(all.clock.pending, 0)
  t.ok(heard.length === 99 * 480 || heard.length === 98 * 480)
  t.ok(heard.every((value, i) => value === i % 5_000))
  t.ok(Math.min(...late) >= 1.5 && Math.max(...late) < 6)
  const { samples, startedAt } = microphone.said(start + 100, start + 200)
  t.equal(startedAt, start + 100)
  t.ok(Math.abs(samples[0]! * 32_768 - 4_800) < 1e-3)
})

t.test('a fast card gives more samples, and each still counts at its moment', async t => {
  const all = parts(1_000)
  const microphone = new SpokenMicrophone(
    all,
    Int16Array.from({ length: 480_000 }, (_, i) => 10_000 * Math.sin(i / 20)),
  )
  let count = 0
  const start = await microphone.open(block => {
    count += block.length
  })
  all.clock.advance(10_006)
  await microphone.close()
  t.equal(count, 480_480)
  const { samples, startedAt } = microphone.said(start + 8_000, start + 8_100)
  const at = (ms: number) => (10_000 * Math.sin((ms * 48.048) / 20)) / 32_768
  const worst = samples.reduce((most, value, i) => Math.max(most, Math.abs(value - at(startedAt - start + i / 48))), 0)
  t.ok(worst < 1e-4, `${worst}`)
})

t.test('the speaker is given what it will need, and its sound comes when it says', async t => {
  const speech = speechLoop(0)
  for (const driftPpm of [0, 300, -300]) {
    const all = parts(driftPpm)
    const speaker = new CardSpeaker(all)
    let given = 0
    const ahead: number[] = []
    const moments: number[] = []
    speaker.listen(5_000 + 4_000, 5_000 + 8_000)
    await speaker.open((block, dueMs) => {
      block.set(speech.subarray(given, given + block.length))
      moments.push(dueMs)
      given += block.length
      ahead.push(speaker.latencyMs)
    })
    all.clock.advance(500)
    // As with the real one, it is not known at once how far it has played.
    const first = speaker.underruns
    all.clock.advance(8_000)
    await speaker.close()
    all.clock.advance(1_000)
    t.equal(all.clock.pending, 0)
    t.equal(speaker.underruns, first)
    t.ok(Math.max(...ahead.slice(500)) < 40, 'no more than a backlog')
    t.ok(Math.abs(given / 48 / 8_500 / (1 + driftPpm / 1e6) - 1) < 0.005, `${given / 48} ms in 8500`)
    // Each sample's moment as it was told, against when it was heard.
    const told = moments[800]!
    const said = {
      samples: Float32Array.from(speech.subarray(800 * 240, 800 * 240 + 96_000), v => v / 32_768),
      rate: 48_000,
    }
    const { p50 } = measureDelay({ ...said, startedAt: told }, speaker.heard(0), 300)
    t.ok(Math.abs(p50) < 6, `${p50} ms beside what it said`)
  }
})

t.test('a speaker whose program stands still runs dry, and is given more from then on', async t => {
  const all = parts()
  let until = 0
  const stalling = {
    ...all.busy,
    setTimeout: (fn: () => void, ms: number) => all.busy.setTimeout(fn, Math.max(ms, until - all.clock.now())),
  }
  const speaker = new CardSpeaker({ ...all, busy: stalling })
  await speaker.open(block => block.fill(5_000))
  speaker.listen(5_000, 8_000)
  all.clock.advance(1_000)
  const first = speaker.underruns
  until = 6_100
  all.clock.advance(1_900)
  await speaker.close()
  t.equal(speaker.underruns, first + 1)
  const { samples } = speaker.heard(0)
  const silent = samples.subarray(48 * 1_000, 48 * 1_500).filter(value => value === 0).length / 48
  t.ok(silent > 55 && silent < 85, `${silent} ms of silence`)
})
