import t from 'tap'
import type { Decoder } from '../../../peer/audio/codec.js'
import { levelOf } from '../../../peer/audio/level.js'
import { loadOpus } from '../../../peer/audio/opus-file.js'
import { Player } from '../../../peer/audio/player.js'
import { Ring } from '../../../peer/audio/ring.js'
import { ok } from '../../../protocol/result.js'

/** A packet's byte is its frame's value; made-up frames are -7. */
const plain: Decoder = {
  decode: packet =>
    packet[0] === 0xff ? { ok: false, error: { name: 'invalidPacket', message: '' } } : ok(frame(packet[0]!)),
  recover: packet => ok(frame(packet[0]! - 1)),
  conceal: () => frame(-7),
  close: () => {},
}
const frame = (value: number) => new Int16Array(960).fill(value * 1000)

function world(block: number) {
  const ring = Ring.create()
  const player = new Player({ ring, decoder: plain })
  let due = 0
  const pull = (ms: number) => {
    const heard = new Set<number>()
    for (const end = due + ms; due < end; due += block / 48) {
      const samples = new Int16Array(block).fill(12345)
      player.pull(samples, due)
      for (const sample of samples) if (sample % 1000 === 0) heard.add(sample / 1000)
    }
    return [...heard]
  }
  return { ring, player, pull }
}

t.test('plays silence when nothing comes', async t => {
  const { player, pull } = world(480)
  t.same(pull(500), [0])
  t.match(player.stats(), { framesPlayed: 25, framesLost: 0, framesConcealed: 0, underruns: 0, levelOut: -100 })
})

t.test('plays frames in blocks of any size, each sample once', async t => {
  for (const block of [48, 480, 960, 1920]) {
    const { ring, player, pull } = world(block)
    for (let at = 0; at < 6; at++) ring.push(at, Uint8Array.of(1 + at))
    const heard = pull(130).filter(value => value !== 0 && value !== -7)
    t.same(heard.map(Math.round), [1, 2, 3, 4, 5, 6], `${block}`)
    t.equal(player.stats().framesLate, 0)
  }
})

t.test('conceals what is missing or broken, and counts it', async t => {
  const { ring, player, pull } = world(960)
  for (const [at, byte] of [
    [0, 1],
    [1, 0xff],
    [3, 4],
    [4, 5],
  ] as const)
    ring.push(at, Uint8Array.of(byte))
  t.same(
    pull(100).filter(value => Number.isInteger(value) && value !== 0),
    [1, -7, 3, 4, 5],
    'of the frame before it a packet may know',
  )
  t.match(player.stats(), { framesLost: 2, framesConcealed: 2 })
})

t.test('fades to silence', async t => {
  const { ring, player, pull } = world(960)
  ring.push(0, Uint8Array.of(9))
  pull(100)
  const faded = new Int16Array(960)
  player.pull(faded, 100)
  t.ok(levelOf(faded) > -100)
  player.pull(new Int16Array(960), 120)
  player.pull(faded, 140)
  t.equal(levelOf(faded), -100)
})

t.test('cuts pauses short when the delay is longer than need be', async t => {
  const ring = Ring.create()
  const player = new Player({ ring, decoder: plain })
  const samples = new Int16Array(960)
  for (let at = 0, due = 0; due < 2000; due += 20) {
    // The first packet takes 60 ms longer than all others.
    while (at * 20 + (at === 0 ? 60 : 0) <= due) ring.push(at++, Uint8Array.of(0))
    player.pull(samples, due)
  }
  t.ok(player.stats().bufferMs <= 20, `${player.stats().bufferMs} ms`)
  t.equal(player.stats().framesConcealed, 0)
})

t.test('plays what Opus made', async t => {
  const codec = await loadOpus()
  const [encoder, ring] = [codec.createEncoder(), Ring.create()]
  const player = new Player({ ring, decoder: codec.createDecoder() })
  const tone = (at: number) => Int16Array.from({ length: 960 }, (_, i) => 8000 * Math.sin((at * 960 + i) / 10))
  let heard = new Int16Array(960)
  for (let at = 0; at < 25; at++) {
    ring.push(at, encoder.encode(tone(at)))
    heard = new Int16Array(960)
    player.pull(heard, at * 20)
  }
  t.ok(Math.abs(levelOf(heard) - levelOf(tone(0))) < 1)
  t.ok(Math.abs(player.stats().levelOut - levelOf(tone(0))) < 1)
})

t.test('plays at the volume that is set, and its level is that of what is played', async t => {
  const heard = (percent: number) => {
    const { ring, player } = world(960)
    player.setVolume(percent)
    const samples = new Int16Array(960)
    for (let at = 0; at < 20; at++) {
      ring.push(at, Uint8Array.of(4))
      player.pull(samples, at * 20)
    }
    return { sample: samples[500], level: player.stats().levelOut }
  }
  t.equal(heard(100).sample, 4_000)
  t.equal(heard(50).sample, 2_000)
  t.equal(heard(200).sample, 8_000)
  t.ok(Math.abs(heard(200).level - heard(100).level - 6.02) < 0.1)
})
