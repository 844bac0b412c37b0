import t from 'tap'
import { NoMicrophone, NoSpeaker } from '../../../../peer/audio/devices/none.js'
import { ToneMicrophone } from '../../../../peer/audio/devices/tone.js'
import { levelOf } from '../../../../peer/audio/level.js'
import { VirtualClock } from '../../../virtual-clock.js'

t.test('the tone is gentle: -20 dBFS, on for half of each second', async t => {
  const clock = new VirtualClock()
  const microphone = new ToneMicrophone(clock)
  const heard: number[] = []
  await microphone.open(block => heard.push(...block))
  clock.advance(2000)
  t.equal(heard.length, 96_000)
  t.ok(Math.abs(levelOf(Int16Array.from(heard.slice(4800, 19_200))) + 20) < 0.1)
  t.equal(levelOf(Int16Array.from(heard.slice(24_000, 48_000))), -100)
  const steps = heard.map((sample, i) => Math.abs(sample - (heard[i - 1] ?? 0)))
  t.ok(Math.max(...steps) < 300, 'no clicks')
  await microphone.close()
  t.equal(clock.pending, 0)
})

t.test('no microphone gives nothing, and no speaker plays in real time', async t => {
  const clock = new VirtualClock()
  const microphone = new NoMicrophone(clock)
  t.equal(await microphone.open(), 0)
  const speaker = new NoSpeaker(clock)
  let played = 0
  await speaker.open(block => {
    played += block.length
  })
  clock.advance(1000)
  t.equal(played, 48_000)
  await speaker.close()
  await microphone.close()
  t.equal(clock.pending, 0)
})
