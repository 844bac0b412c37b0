import t from 'tap'
import { FRAME_SAMPLES } from '../../../peer/audio/codec.js'
import { levelOf } from '../../../peer/audio/level.js'
import { createOpusCodec } from '../../../peer/audio/opus.js'
import { loadOpus } from '../../../peer/audio/opus-file.js'

const tone = (frame: number, hz = 440, peak = 8000) =>
  Int16Array.from({ length: FRAME_SAMPLES }, (_, i) => peak * Math.sin((2 * Math.PI * hz * (frame * 960 + i)) / 48000))

t.test('makes packets of one size, whatever is said', async t => {
  const encoder = (await loadOpus()).createEncoder()
  const sizes = new Set<number>()
  let noise = 1
  for (let frame = 0; frame < 100; frame++) {
    const silence = new Int16Array(FRAME_SAMPLES)
    const hiss = silence.map(() => {
      noise = (noise * 48271) % 2147483647
      return (noise % 40000) - 20000
    })
    sizes.add(encoder.encode([silence, tone(frame), hiss][frame % 3]!).length)
  }
  t.same([...sizes], [80])
  encoder.setExpectedLoss(20)
  t.equal(encoder.encode(tone(0)).length, 80)
  encoder.setBitrate(24_000)
  t.equal(encoder.encode(tone(0)).length, 60)
  encoder.close()
})

t.test('decodes what it encoded', async t => {
  const codec = await loadOpus()
  const [encoder, decoder] = [codec.createEncoder(), codec.createDecoder()]
  const heard: number[] = []
  for (let frame = 0; frame < 25; frame++) {
    const decoded = decoder.decode(encoder.encode(tone(frame)))
    if (!decoded.ok) throw new Error(decoded.error.message)
    heard.push(...decoded.value)
  }
  const power = (hz: number) => {
    let [re, im] = [0, 0]
    for (const [i, sample] of heard.slice(-4800).entries()) {
      re += sample * Math.cos((2 * Math.PI * hz * i) / 48000)
      im += sample * Math.sin((2 * Math.PI * hz * i) / 48000)
    }
    return Math.hypot(re, im) / 2400
  }
  t.ok(power(440) > 7000 && power(440) < 9000, 'the tone is there')
  t.ok(power(1000) < 100, 'and nothing else')
})

t.test('conceals a lost frame with something alike, and fades in long gaps', async t => {
  // By how much after a second, dB: CELT goes down to a hiss. The player is silent long before.
  for (const [application, fallen] of Object.entries({ voip: 30, lowDelay: 20 } as const)) {
    const codec = await loadOpus({ application: application as 'voip' | 'lowDelay' })
    const [encoder, decoder] = [codec.createEncoder(), codec.createDecoder()]
    for (let frame = 0; frame < 25; frame++) decoder.decode(encoder.encode(tone(frame)))
    t.ok(levelOf(decoder.conceal()) > levelOf(tone(0)) - 6)
    let last = decoder.conceal()
    for (let frame = 0; frame < 50; frame++) last = decoder.conceal()
    t.ok(levelOf(last) < levelOf(tone(0)) - fallen, application)
  }
})

t.test('recovers a lost frame from the next packet', async t => {
  const codec = await loadOpus({ application: 'voip' })
  const encoder = codec.createEncoder()
  encoder.setExpectedLoss(30)
  const voice = (frame: number) => tone(frame, frame < 30 ? 300 : 700)
  const packets = Array.from({ length: 32 }, (_, frame) => encoder.encode(voice(frame)))
  const decoder = codec.createDecoder()
  for (const packet of packets.slice(0, 30)) decoder.decode(packet)
  const recovered = decoder.recover(packets[31]!)
  t.ok(recovered.ok && recovered.value.length === FRAME_SAMPLES)
  const crossings = recovered.ok
    ? recovered.value.filter((sample, i, all) => i > 0 && sample < 0 !== all[i - 1]! < 0)
    : []
  t.ok(crossings.length > 18, 'the new pitch, which concealment could not know')
})

t.test('names what is wrong with a packet', async t => {
  const decoder = (await loadOpus()).createDecoder()
  t.match(decoder.decode(new Uint8Array(0)), { ok: false, error: { name: 'invalidPacket' } })
  t.match(decoder.decode(Uint8Array.of(0xff, 0xff)), { ok: false, error: { name: 'invalidPacket' } })
  t.match(decoder.decode(new Uint8Array(2000)), { ok: false, error: { name: 'invalidPacket' } })
  t.match(
    decoder.decode(Uint8Array.of(0x18, 0)),
    { ok: false, error: { name: 'bufferTooSmall' } },
    '60 ms in one packet',
  )
  t.match(decoder.decode(Uint8Array.of(0x80, 0)), { ok: false, error: { name: 'invalidPacket' } }, '2.5 ms')
  const conceals = decoder.conceal()
  t.equal(conceals.length, FRAME_SAMPLES)
})

t.test('refuses a module that is not Opus', async t => {
  await t.rejects(createOpusCodec(Uint8Array.of(1, 2, 3)))
})
