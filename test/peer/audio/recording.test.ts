import t from 'tap'
import { Recording, type RecordingForm } from '../../../peer/audio/recording.js'

/** What a recording hands out, put together. */
function world(form: RecordingForm = 'stereo', startedAt = 1_000) {
  const parts: Int16Array[] = []
  const recording = new Recording(form, samples => parts.push(samples))
  recording.start(startedAt)
  const all = () => parts.flatMap(part => [...part])
  const channels = () => {
    const samples = all()
    return [samples.filter((_, i) => i % 2 === 0), samples.filter((_, i) => i % 2 === 1)] as const
  }
  return { recording, parts, all, channels }
}

const frame = (value: number) => new Int16Array(960).fill(value)
const block = (value: number, length = 480) => new Int16Array(length).fill(value)
/** Runs of the same value: [value, from, length] in samples, silence left out. */
function runs(samples: readonly number[]) {
  const found: [number, number, number][] = []
  for (const [at, value] of samples.entries()) {
    const last = found.at(-1)
    if (value === 0) continue
    if (last && last[0] === value && last[1] + last[2] === at) last[2]++
    else found.push([value, at, 1])
  }
  return found
}

t.test('puts both sides where they belong, silence where nothing is', async t => {
  const { recording, channels } = world()
  for (let at = 0; at < 10; at++) {
    recording.said(at === 3 ? null : frame(at + 1), 1_020 + 20 * at)
    // The speaker began 5 ms late, and plays 10 ms at a time.
    for (const half of [0, 10]) recording.played(block(half === 0 ? 7 : 8), 1_005 + 20 * at + half)
  }
  recording.end()
  const [left, right] = channels()
  t.same(
    runs(left),
    [1, 2, 3, 5, 6, 7, 8, 9, 10].map(value => [value, 960 * (value - 1), 960]),
  )
  t.same(
    runs(right),
    Array.from({ length: 20 }, (_, n) => [7 + (n % 2), 240 + 480 * n, 480]),
  )
  t.equal(left.length, right.length)
  t.equal(left.length, 9_600 + 240)
})

t.test('hands out half seconds as soon as both sides are there, and the rest at the end', async t => {
  const { recording, parts } = world()
  for (let at = 0; at < 60; at++) {
    recording.said(frame(1), 1_020 + 20 * at)
    if (at === 40) t.same([parts.length, parts[0]?.length], [1, 2 * 24_000])
    recording.played(block(2, 960), 1_000 + 20 * at)
  }
  t.equal(parts.length, 2)
  recording.end()
  t.equal(
    parts.reduce((sum, { length }) => sum + length, 0),
    2 * 60 * 960,
  )
})

t.test('a side that stands still is silent, and keeps its place when it goes on', async t => {
  const { recording, channels } = world()
  for (let at = 0; at < 500; at++) {
    recording.said(frame(1), 1_020 + 20 * at)
    // No speaker from 1 s to 8 s: longer than anything waits.
    if (at < 50 || at >= 400) recording.played(block(2, 960), 1_000 + 20 * at)
  }
  recording.end()
  const [left, right] = channels()
  t.same(runs(left), [[1, 0, 480_000]])
  t.same(runs(right), [
    [2, 0, 48_000],
    [2, 384_000, 96_000],
  ])
})

t.test('what comes late in a bunch still finds its place', async t => {
  const { recording, channels } = world()
  for (let at = 0; at < 150; at++) recording.said(frame(1), 1_020 + 20 * at)
  for (let n = 0; n < 300; n++) recording.played(block(n + 1), 1_000 + 10 * n)
  recording.end()
  t.same(
    runs(channels()[1]),
    Array.from({ length: 300 }, (_, n) => [n + 1, 480 * n, 480]),
  )
})

t.test('a program that is late for a moment tears nothing', async t => {
  const { recording, channels } = world()
  // Frames 20 to 23 come together, 80 ms late; frames 60 to 74 are lost, and told as silence when it is noticed.
  for (let at = 0; at < 100; at++) {
    const taken = 1_020 + 20 * (at >= 20 && at < 24 ? 24 : at >= 60 && at < 75 ? 75 : at)
    recording.said(at >= 60 && at < 75 ? null : frame(at + 1), taken)
    recording.played(block(7, 960), 1_000 + 20 * at)
  }
  recording.end()
  const found = runs(channels()[0])
  t.same(
    found.map(([value]) => value),
    Array.from({ length: 100 }, (_, at) => at + 1).filter(value => value <= 60 || value > 75),
    'each frame once, in order',
  )
  for (const [value, place, length] of found) {
    t.ok(Math.abs(place - 960 * (value - 1)) < 20 * 48, `${value} at its place`)
    t.ok(Math.abs(length - 960) <= 1, `${value} whole`)
  }
})

t.test('stays in time for an hour with speakers whose clocks run fast, or slow and unevenly', async t => {
  for (const [ppm, uneven, minutes] of [
    [200, 0, 10],
    [-1_000, 12, 60],
  ] as const) {
    let [worst, handed, seed] = [0, 0, 7]
    const recording = new Recording('stereo', samples => {
      // A click is the one loud sample of its block: it tells when it was due.
      for (let i = 0; i < samples.length / 2; i++) {
        const click = samples[2 * i + 1]!
        if (click > 0) worst = Math.max(worst, Math.abs((handed + i) / 48 - clicks[click]!))
      }
      handed += samples.length / 2
    })
    recording.start(0)
    const clicks: number[] = [0]
    const stepMs = 10 * (1 - ppm / 1e6)
    for (let n = 0, at = 0; n < 6_000 * minutes; n++) {
      const due = n * stepMs
      for (; at * 20 <= due; at++) recording.said(null, 20 * at + 20)
      const samples = new Int16Array(480)
      if (n % 1_000 === 999) {
        clicks.push(due)
        samples[0] = clicks.length - 1
      }
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      recording.played(samples, due + uneven * (seed / 2 ** 31 - 0.5))
    }
    recording.end()
    t.ok(clicks.length > 5 * minutes && worst < 15, `${ppm} ppm: never more than ${worst.toFixed(1)} ms off`)
    t.ok(Math.abs(handed / 48 - 6_000 * minutes * stepMs) < 50, 'as long as the call was')
  }
})

t.test('mixes both into one channel, and clips what is too loud', async t => {
  const { recording, all } = world('mixed')
  for (const [at, [said, played]] of (
    [
      [100, 20],
      [30_000, 10_000],
      [-30_000, -10_000],
    ] as const
  ).entries()) {
    recording.said(frame(said), 1_020 + 20 * at)
    recording.played(block(played, 960), 1_000 + 20 * at)
  }
  recording.end()
  t.same(runs(all()), [
    [120, 0, 960],
    [32_767, 960, 960],
    [-32_768, 1_920, 960],
  ])
})
