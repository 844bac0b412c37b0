import t from 'tap'
import type { Encoder } from '../../../peer/audio/codec.js'
import { Recorder } from '../../../peer/audio/recorder.js'
import { Ring } from '../../../peer/audio/ring.js'
import type { VoiceProcessor } from '../../../peer/audio/voice-processor.js'
import { VirtualClock } from '../../virtual-clock.js'

/** An encoder that shows each sample: the packet is the frame's peak and its first and last sample. */
class Showing implements Encoder {
  frames: Int16Array[] = []
  encode(frame: Int16Array) {
    this.frames.push(frame.slice())
    return Uint8Array.of(1)
  }
  setBitrate() {}
  setExpectedLoss() {}
  close() {}
}

function world() {
  const clock = new VirtualClock(1000)
  const ring = Ring.create()
  const encoder = new Showing()
  const recorder = new Recorder({ clock, encoder, ring, onPacket: () => {} })
  const taken: string[] = []
  const take = () => {
    for (let packet = ring.pop(); packet; packet = ring.pop())
      taken.push(`${packet.at}${packet.payload.length > 0 ? 'v' : '-'}`)
    return taken.join(' ')
  }
  const speak = (blocks: number, value = 5, samples = 480) => {
    for (let i = 0; i < blocks; i++) {
      clock.advance(samples / 48)
      recorder.write(new Int16Array(samples).fill(value))
      take()
    }
  }
  return { clock, ring, encoder, recorder, take, speak }
}

t.test('makes a packet of each 20 ms, whatever the size of the blocks', async t => {
  for (const samples of [480, 960, 144, 1920, 48]) {
    const { recorder, take, speak } = world()
    recorder.start()
    speak((1920 * 3) / samples, 5, samples)
    t.equal(take(), '0v 1v 2v 3v 4v 5v')
    recorder.stop()
  }
})

t.test('fills in empty packets when the microphone gives nothing', async t => {
  const { clock, recorder, take, speak } = world()
  recorder.start()
  speak(4)
  clock.advance(200)
  t.equal(take(), '0v 1v 2- 3- 4- 5- 6- 7- 8- 9- 10- 11-')
  speak(20)
  t.match(take(), / 11- (1[2-7]- ?)+18v 19v 20v 21v$/)
  recorder.stop()
})

t.test('gives empty packets from the start without any microphone', async t => {
  const { clock, recorder, take } = world()
  recorder.start()
  clock.advance(100)
  t.equal(take(), '0- 1- 2- 3- 4-')
  recorder.stop()
  clock.advance(100)
  t.equal(take(), '0- 1- 2- 3- 4-')
  t.equal(clock.pending, 0)
})

t.test('drops what a stalled microphone brings late, and keeps time', async t => {
  const { clock, encoder, recorder, take, speak } = world()
  recorder.start()
  speak(10, 1)
  clock.advance(500)
  for (let i = 0; i < 49; i++) recorder.write(new Int16Array(480).fill(2))
  speak(20, 3)
  const packets = take().split(' ')
  t.same(
    packets.map(Number.parseFloat),
    Array.from({ length: packets.length }, (_, i) => i),
    'one packet each 20 ms',
  )
  t.ok(Math.abs(packets.length - (100 + 500 + 200) / 20) <= 1)
  const stale = encoder.frames.filter(frame => frame.includes(2)).length
  t.ok(stale <= 4, `${stale} frames of the backlog, the newest of it`)
  t.ok(encoder.frames.filter(frame => frame.includes(3)).length >= 9, 'what is said now is heard')
})

t.test('keeps the numbers of the moments through a stall, long or short', async t => {
  for (let stallMs = 20; stallMs <= 160; stallMs += 10) {
    const { clock, ring, recorder, speak } = world()
    recorder.start()
    speak(50)
    clock.advance(stallMs)
    for (let i = 1; i < stallMs / 10; i++) recorder.write(new Int16Array(480).fill(2))
    const late: number[] = []
    for (let i = 0; i < 40; i++) {
      recorder.write(new Int16Array(480).fill(3))
      for (let packet = ring.pop(); packet; packet = ring.pop())
        if (packet.payload.length > 0 && i >= 2) late.push(clock.now() - 1000 - 20 * packet.at)
      clock.advance(10)
    }
    t.ok(late.length >= 18, `${stallMs} ms: ${late.length} frames`)
    // Before the stall each left 20 ms after its moment began.
    t.same(
      late.filter(ms => ms < 10 || ms > 30),
      [],
      `${stallMs} ms`,
    )
    recorder.stop()
  }
})

t.test('hears a microphone again that lost some of its sound', async t => {
  const { clock, encoder, recorder, take, speak } = world()
  recorder.start()
  speak(10, 1)
  clock.advance(400)
  speak(100, 2)
  t.ok(encoder.frames.filter(frame => frame.includes(2)).length >= 43, 'all but the first 100 ms')
  const packets = take().split(' ')
  t.same(
    packets.map(Number.parseFloat),
    Array.from({ length: packets.length }, (_, i) => i),
  )
})

t.test('follows the clock with a microphone that runs fast or slow', async t => {
  for (const blockMs of [9.99, 10.01]) {
    const { clock, ring, recorder } = world()
    recorder.start()
    let [last, voice] = [-1, 0]
    for (let ms = 0; ms < 120_000; ms += blockMs) {
      clock.advance(blockMs)
      recorder.write(new Int16Array(480).fill(5))
      for (let packet = ring.pop(); packet; packet = ring.pop()) {
        if (packet.at !== last + 1) t.fail(`${packet.at} after ${last}`)
        last = packet.at
        if (packet.payload.length > 0) voice++
      }
    }
    t.ok(Math.abs(last - 6000) <= 5, `${last} packets in 120 s`)
    t.ok(voice > 5980, `${voice} with voice`)
  }
})

t.test('lets no sample out that was said while muted', async t => {
  const { encoder, recorder, take, speak } = world()
  const SECRET = 77
  recorder.start()
  speak(3, 1)
  recorder.setMuted(true)
  speak(8, SECRET)
  recorder.setMuted(false)
  speak(5, 2)
  t.equal(take(), '0v 1- 2- 3- 4- 5- 6v 7v')
  t.ok(encoder.frames.length > 0)
  t.notOk(
    encoder.frames.some(frame => frame.includes(SECRET)),
    'and the encoder never saw one',
  )
})

t.test('tells the level of what it sends', async t => {
  const { recorder, speak } = world()
  recorder.start()
  t.equal(recorder.level, -100)
  speak(2, 3277)
  t.ok(Math.abs(recorder.level + 20) < 0.1)
  recorder.setMuted(true)
  speak(2, 3277)
  t.equal(recorder.level, -100)
})

/** Says what was asked of it, and turns what it gets around. */
class Turning implements VoiceProcessor {
  readonly delayMs = 0
  readonly asked: string[] = []
  process(frame: Int16Array) {
    this.asked.push(`${frame[0]}..${frame[959]}`)
    for (let i = 0; i < frame.length; i++) frame[i] = -100 * frame[i]!
  }
  pause() {
    this.asked.push('pause')
  }
  close() {}
}

function processed() {
  const clock = new VirtualClock(1000)
  const [ring, encoder, processor] = [Ring.create(), new Showing(), new Turning()]
  const kept: (number | null)[] = []
  const onFrame = (frame: Int16Array | null) => void kept.push(frame && frame[0]!)
  const recorder = new Recorder({ clock, encoder, ring, processor, onPacket: () => {}, onFrame })
  const speak = (blocks: number, value: number) => {
    for (let i = 0; i < blocks; i++) {
      clock.advance(10)
      recorder.write(new Int16Array(480).fill(value))
    }
  }
  recorder.start()
  return { clock, recorder, encoder, processor, kept, speak }
}

t.test('sends, keeps and shows what the processor makes of the voice', async t => {
  const { recorder, encoder, kept, speak } = processed()
  speak(4, 5)
  t.same(
    encoder.frames.map(frame => frame[959]),
    [-500, -500],
  )
  t.same(kept, [-500, -500])
  t.ok(Math.abs(recorder.level - 20 * Math.log10(500 / 32768)) < 0.01)
  recorder.stop()
})

t.test('lets the processor hear nothing of what is said while muted, and forget at each gap', async t => {
  const { recorder, encoder, processor, speak } = processed()
  speak(3, 1)
  recorder.setMuted(true)
  speak(4, 7)
  recorder.setMuted(false)
  // The frame in hand was begun while muted.
  speak(1, 8)
  speak(4, 2)
  t.same(processor.asked, ['1..1', 'pause', 'pause', 'pause', '2..2', '2..2'])
  t.equal(encoder.frames.length, 3)
  recorder.stop()
})

t.test('lets the processor forget where the microphone stood still', async t => {
  const { clock, recorder, processor, speak } = processed()
  speak(4, 1)
  clock.advance(200)
  t.same(processor.asked.slice(0, 3), ['1..1', '1..1', 'pause'])
  // A backlog, the older half of which is stale.
  for (let i = 0; i < 20; i++) recorder.write(new Int16Array(480).fill(i < 10 ? 9 : 2))
  speak(4, 2)
  t.notOk(processor.asked.some(what => what.includes('9')))
  t.equal(processor.asked.at(-1), '2..2')
  recorder.stop()
})
