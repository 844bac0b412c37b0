import t from 'tap'
import { AudioProblem, type DeviceChange } from '../../../peer/audio/audio.js'
import type { Microphone, Pull, Speaker } from '../../../peer/audio/devices/device.js'
import type { EchoCanceller } from '../../../peer/audio/echo-canceller.js'
import { InProcessAudio } from '../../../peer/audio/in-process-audio.js'
import type { VoiceProcessor } from '../../../peer/audio/voice-processor.js'
import { virtualCodec } from '../../simulation/virtual-sound.js'
import { VirtualClock } from '../../virtual-clock.js'

const gone = new AudioProblem('deviceLost', 'It went away.', 'Plug it in again.')

/** A call's sound on devices that a test takes away, holds back and gives again. */
async function world(processor?: VoiceProcessor) {
  const clock = new VirtualClock(0)
  let there = true
  let lose = { microphone: (_: AudioProblem) => {}, speaker: (_: AudioProblem) => {} }
  let pull: Pull = () => {}
  const check = async () => {
    if (!there) throw gone
  }
  const microphone: Microphone = {
    name: 'm',
    prepare: check,
    close: async () => {},
    open: async (_, onLost) => {
      lose = { ...lose, microphone: onLost }
      return clock.now()
    },
  }
  const speaker: Speaker = {
    name: 's',
    latencyMs: 0,
    underruns: 0,
    prepare: check,
    close: async () => {},
    open: async (onPull, onLost) => {
      pull = onPull
      lose = { ...lose, speaker: onLost }
      return clock.now()
    },
  }
  const audio = new InProcessAudio({
    clock,
    codec: virtualCodec(clock, 1, () => {}),
    microphone,
    speaker,
    ...(processor ? { processor } : {}),
  })
  const changes: string[] = []
  audio.onDevice = ({ device, change, name }: DeviceChange) => changes.push(`${device} ${change} ${name}`)
  await audio.start()
  const pass = async (ms: number, each = () => {}) => {
    for (let i = 0; i < ms; i += 10) {
      clock.advance(10)
      each()
      for (let n = 0; n < 10; n++) await null
    }
  }
  return {
    clock,
    audio,
    changes,
    pass,
    plug: (is: boolean) => {
      there = is
    },
    lose: (device: 'microphone' | 'speaker', problem = gone) => lose[device](problem),
    /** The speaker plays 10 ms. */
    play: () => pull(new Int16Array(480), clock.now()),
  }
}

t.test('uses up what comes in while the speaker is gone, and not twice when it is back', async t => {
  const { clock, audio, changes, pass, plug, lose, play } = await world()
  await pass(1000, play)
  t.equal(audio.stats().framesPlayed, 50)
  plug(false)
  lose('speaker')
  await pass(2500)
  t.equal(audio.stats().framesPlayed, 175, 'as fast as time goes by')
  plug(true)
  await pass(500)
  t.same(changes, ['speaker lost s', 'speaker back s'])
  const before = audio.stats().framesPlayed
  await pass(1000, play)
  t.equal(audio.stats().framesPlayed - before, 50, 'the stand-in is gone')
  await audio.stop()
  t.equal(clock.pending, 0)
})

t.test('sends empty packets while the microphone is gone', async t => {
  const { audio, changes, pass, plug, lose } = await world()
  plug(false)
  lose('microphone')
  let [empty, voice] = [0, 0]
  await pass(3000, () => {
    for (let packet = audio.captured.pop(); packet; packet = audio.captured.pop())
      if (packet.payload.length === 0) empty++
      else voice++
  })
  t.same([empty, voice], [150, 0])
  plug(true)
  await pass(1000)
  t.same(changes, ['microphone lost m', 'microphone back m'])
  await audio.stop()
})

t.test('plays to nobody from then on where a speaker cannot come back', async t => {
  const { clock, audio, changes, pass, lose } = await world()
  lose('speaker', new AudioProblem('cannotWrite', 'The disk is full.', ''))
  await pass(3000)
  t.equal(audio.stats().framesPlayed, 150)
  t.same(changes, ['speaker lost s'])
  await audio.stop()
  t.equal(clock.pending, 0)
})

t.test('tells nothing of devices that go while it ends', async t => {
  const { audio, changes, pass, lose } = await world()
  await audio.stop()
  lose('speaker')
  lose('microphone')
  await pass(3000)
  t.same(changes, [])
})

t.test('closes its processor once', async t => {
  let closed = 0
  const processor = {
    delayMs: 0,
    process() {},
    pause() {},
    close: () => {
      closed++
    },
  }
  const { audio } = await world(processor)
  await audio.stop()
  await audio.stop()
  t.equal(closed, 1)
})

t.test('hears through the echo canceller, which knows what is played, and then processes', async t => {
  const clock = new VirtualClock(0)
  let give = (_: Int16Array) => {}
  let pull: Pull = () => {}
  const device = { prepare: async () => {}, close: async () => {} }
  const microphone: Microphone = {
    ...device,
    name: 'm',
    open: async onBlock => {
      give = onBlock
      return clock.now()
    },
  }
  const speaker: Speaker = {
    ...device,
    name: 's',
    latencyMs: 0,
    underruns: 0,
    open: async onPull => {
      pull = onPull
      return clock.now()
    },
  }
  const seen: string[] = []
  const echoCanceller: EchoCanceller = {
    played: block => void seen.push(`played ${block.length}`),
    heard: block => {
      seen.push(`heard ${block[0]}`)
      return block.map(sample => sample / 2)
    },
    close: () => void seen.push('closed'),
  }
  const processor: VoiceProcessor = {
    delayMs: 0,
    process: frame => {
      seen.push(`processed ${frame[0]}`)
      frame.fill(frame[0]! + 1)
    },
    pause() {},
    close() {},
  }
  const said: (number | null)[] = []
  const listener = {
    start: () => {},
    played: () => {},
    said: (frame: Int16Array | null) => void said.push(frame && frame[0]!),
  }
  const codec = virtualCodec(clock, 1, () => {})
  const audio = new InProcessAudio({ clock, codec, microphone, speaker, echoCanceller, processor, listener })
  await audio.start()
  pull(new Int16Array(240), clock.now())
  give(new Int16Array(960).fill(2000))
  t.same(seen, ['played 240', 'heard 2000', 'processed 1000'])
  t.same(said, [1001], 'what they leave is what is sent')
  await audio.stop()
  await audio.stop()
  t.same(seen.slice(3), ['closed'], 'once')
})
