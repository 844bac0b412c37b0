/** A recording of a call over a sound system, whose devices have clocks and delays of their own. */
import { join } from 'node:path'
import t from 'tap'
import { only } from '../lab/event.js'
import { Pulse, type SideName } from '../lab/pulse.js'
import { judge } from '../measure/hearing.js'
import { between, type Sound } from '../measure/sound.js'
import { readChannels, readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { steadily } from '../system/steadily.js'
import { faultsOf, sleep, WholeCall } from '../system/whole-call.js'

t.setTimeout(240_000)
const missing = Pulse.available()
const skip = missing === null ? false : `no PulseAudio here: ${missing}`
/** What went into the microphone and out of the speaker at one moment lies no farther apart in the file, ms. */
const TOGETHER_MS = 80
/** The file begins when the devices are opened, which takes a while; so much earlier is it taken to begin where nothing may be heard before it is said, ms. */
const EARLIER_MS = 500

const speech = { a: readWav(speechPath('congratulations')), b: readWav(speechPath('no-connection')) }

t.test('holds what the devices took and gave, in time', { skip, timeout: 240_000 }, t =>
  steadily(t, async t => {
    const pulse = await Pulse.start()
    const file = join(t.testdir(), 'call.wav')
    const side = (name: SideName) => ({ env: pulse.env(name), devices: ['--audio', 'pulse'] })
    const call = await WholeCall.start(t, { a: { ...side('a'), args: ['--record', file] }, b: side('b') })
    t.teardown(() => pulse.stop())
    await call.talking()
    await call.a.peer.event(event => event.event === 'devices')
    const recording = await pulse.record()
    pulse.play('a', speech.a, { loop: true })
    pulse.play('b', speech.b, { loop: true })
    await sleep(12_000)
    const end = Date.now()
    t.same(await call.hangUp(), [0, 0])
    const { said, heard } = await recording.stop()
    const [devices] = only('devices', call.a.peer.events)
    if (!devices) throw new Error('no devices')
    const { rate, channels } = readChannels(file)
    const at = (samples: Float32Array | undefined, earlier = 0): Sound => {
      if (!samples) throw new Error('two channels')
      return between({ rate, samples, startedAt: devices.microphone.startedAt - earlier }, 0, end)
    }
    const mouth = judge(between(said.a, 0, end), at(channels[0]))
    const ear = judge(at(channels[1], EARLIER_MS), between(heard.a, 0, end))
    // The speaker's channel is what is about to be heard, the microphone's what has been said.
    const before = ear.delay.p50 - EARLIER_MS
    const apart = mouth.delay.p50 + before
    return {
      notes: [
        `left: STOI ${mouth.stoi.toFixed(3)}, ${mouth.delay.p50.toFixed(1)} ms after it was said; ${apart.toFixed(1)} ms lie between the two`,
        `right: STOI ${ear.stoi.toFixed(3)}, ${before.toFixed(1)} ms before it was heard`,
      ],
      faults: [
        ...faultsOf('left', mouth),
        ...faultsOf('right', ear),
        ...(Math.abs(apart) < TOGETHER_MS ? [] : [`${apart.toFixed(1)} ms lie between the two`]),
      ],
      crowding: call.crowding,
    }
  }),
)
