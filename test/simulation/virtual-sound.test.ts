import t from 'tap'
import { VirtualClock } from '../virtual-clock.js'
import { HostClock } from './host-clock.js'
import { type Heard, PLAINTEXT, virtualCodec, virtualMicrophone, virtualSpeaker } from './virtual-sound.js'

t.test('packets say who encoded them, and count', async t => {
  const clock = new VirtualClock(5)
  const heard: Heard[] = []
  const [abc, xyz] = [7, 300].map(owner => virtualCodec(clock, owner, one => heard.push(one)))
  const encoder = abc!.createEncoder()
  const decoder = xyz!.createDecoder()
  const frame = new Int16Array(960)
  const packets = [encoder.encode(frame).slice(), encoder.encode(frame).slice()]
  t.ok(packets.every(packet => Buffer.from(packet).includes(Buffer.from(PLAINTEXT))))
  for (const packet of packets) decoder.decode(packet)
  decoder.conceal()
  t.strictSame(heard, [
    { at: 5, frame: 1, from: 7 },
    { at: 5, frame: 2, from: 7 },
    { at: 5, frame: null, from: null },
  ])
})

t.test('devices drift against the clock of their machine', async t => {
  for (const [driftPpm, frames] of [
    [0, 50_000],
    [200, 50_010],
    [-200, 49_990],
  ] as const) {
    const clock = new VirtualClock()
    let blocks = 0
    let pulls = 0
    let due = 0
    const microphone = virtualMicrophone({ clock, driftPpm })
    const speaker = virtualSpeaker({ clock, driftPpm })
    await microphone.open(
      () => blocks++,
      () => {},
    )
    await speaker.open(
      (_, dueMs) => {
        pulls++
        due = dueMs
      },
      () => {},
    )
    clock.advance(1_000_000.1)
    t.strictSame([blocks, pulls], [frames, frames], `${driftPpm} ppm`)
    t.ok(Math.abs(due - (frames * 20) / (1 + driftPpm / 1e6)) < 1e-6)
    await microphone.close()
    await speaker.close()
    t.equal(clock.pending, 0)
  }
})

t.test('what fell into a stop of the process is left out, and the beat is kept', async t => {
  const world = new VirtualClock()
  const clock = new HostClock(world)
  const blocks: number[] = []
  const due: number[] = []
  await virtualMicrophone({ clock }).open(
    () => blocks.push(clock.now()),
    () => {},
  )
  await virtualSpeaker({ clock }).open(
    (_, dueMs) => due.push(dueMs),
    () => {},
  )
  world.advance(50)
  clock.stop()
  world.advance(1_000)
  clock.go()
  world.advance(50)
  t.strictSame(blocks, [20, 40, 1060, 1080, 1100])
  t.strictSame(due, blocks)
})
