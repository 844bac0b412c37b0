import t from 'tap'
import { VoiceGate } from '../../../../peer/audio/speech/voice-gate.js'
import { at, joined, level, type NoiseName, noises, seconds, speech } from './room.js'

/** The part of the blocks that count as speech. */
function share(samples: Float32Array, gate = new VoiceGate(), probability?: number): number {
  let [spoken, blocks] = [0, 0]
  for (let n = 0; n + 480 <= samples.length; n += 480, blocks++) {
    const db = Math.max(-100, level(samples.subarray(n, n + 480)))
    if (gate.note(db, probability)) spoken++
  }
  return spoken / blocks
}

t.test('hears speech, loud or quiet', async t => {
  for (const db of [-45, -20, -6]) {
    const found = share(at(db, speech('congratulations')))
    t.ok(found > 0.5 && found < 0.95, `${db} dBFS: ${found.toFixed(2)}`)
  }
})

t.test('hears none in a steady noise, however loud', async t => {
  for (const name of Object.keys(noises) as NoiseName[])
    for (const db of [-50, -20]) t.equal(share(at(db, noises[name](480_000))), 0, `${name} at ${db} dBFS`)
})

t.test('takes a noise that begins for speech no longer than 1.6 s', async t => {
  const gate = new VoiceGate()
  share(at(-70, noises.pink(96_000)), gate)
  const noise = at(-30, noises.pink(480_000))
  t.ok(share(noise.subarray(0, 76_800), gate) > 0.5)
  t.equal(share(noise.subarray(76_800), gate), 0)
})

t.test('believes who knows that there is no voice', async t => {
  t.equal(share(speech('congratulations'), new VoiceGate(), 0.4), 0)
})

t.test('hears none in a knock, in what is all but silent, and in nothing', async t => {
  const knock = noises.white(1440)
  const knocks = joined(...Array.from({ length: 10 }, () => joined(at(-20, knock), at(-70, noises.white(24_000)))))
  t.equal(share(knocks), 0)
  t.equal(share(at(-68, speech('congratulations'))), 0)
  t.equal(share(seconds(2)), 0)
})

t.test('does not take the silence before a device begins for how quiet the room is', async t => {
  t.equal(share(joined(seconds(1), at(-40, noises.fan(240_000)))), 0)
})
