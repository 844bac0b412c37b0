import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AudioProblem } from '../../../../peer/audio/audio.js'
import { FileMicrophone } from '../../../../peer/audio/devices/file-microphone.js'
import { FileSpeaker } from '../../../../peer/audio/devices/file-speaker.js'
import { readWav, wavHeader } from '../../../../peer/audio/wav.js'
import { VirtualClock } from '../../../virtual-clock.js'
import { readSamples } from '../clicks.js'

const never = (problem: AudioProblem) => {
  throw problem
}

t.test('a file microphone plays in real time, and loops without a seam', async t => {
  const clock = new VirtualClock(500)
  const path = join(t.testdir(), 'in.wav')
  const samples = Int16Array.from({ length: 1000 }, (_, i) => i)
  writeFileSync(path, Buffer.concat([wavHeader(1000), new Uint8Array(samples.buffer)]))
  const microphone = new FileMicrophone(path, clock)
  await microphone.prepare()
  const heard: number[] = []
  t.equal(await microphone.open(block => heard.push(...block)), 500)
  clock.advance(9.9)
  t.equal(heard.length, 0, 'the first 10 ms take 10 ms')
  clock.advance(0.1)
  t.equal(heard.length, 480)
  clock.advance(90)
  t.equal(heard.length, 4800)
  t.same(
    heard,
    Array.from({ length: 4800 }, (_, i) => i % 1000),
  )
  await microphone.close()
  clock.advance(100)
  t.equal(heard.length, 4800)
  t.equal(clock.pending, 0)
})

t.test('a file microphone takes other rates', async t => {
  const clock = new VirtualClock()
  const header = wavHeader(8000)
  new DataView(header.buffer).setUint32(24, 8000, true)
  const samples = Int16Array.from({ length: 8000 }, (_, i) => 10000 * Math.sin((2 * Math.PI * 200 * i) / 8000))
  const path = join(t.testdir(), 'in.wav')
  writeFileSync(path, Buffer.concat([header, new Uint8Array(samples.buffer)]))
  const microphone = new FileMicrophone(path, clock)
  const heard: number[] = []
  await microphone.open(block => heard.push(...block))
  clock.advance(3000)
  t.equal(heard.length, 3 * 48000)
  const rising = heard.filter((sample, i) => i > 480 && sample >= 0 && heard[i - 1]! < 0).length
  t.ok(Math.abs(rising - 598) <= 2, `${rising} periods of 200 Hz in 2.99 s, over two seams`)
  await microphone.close()
})

t.test('a file microphone says what is wrong with its file', async t => {
  const folder = t.testdir({ 'song.mp3': 'ID3 and so on' })
  const prepare = (name: string) => new FileMicrophone(join(folder, name), new VirtualClock()).prepare()
  await t.rejects(prepare('none.wav'), { name: 'noSuchFile', message: /There is no file .*none.wav/, hint: /--mic/ })
  await t.rejects(prepare('song.mp3'), { name: 'notWav', message: 'song.mp3 is not a WAV file.' })
  await t.rejects(prepare(''), { name: 'cannotRead', message: /it is a folder/ })
})

t.test('a file speaker is as long as the time it played, and valid all along', async t => {
  const clock = new VirtualClock(70)
  const path = join(t.testdir(), 'out.wav')
  const speaker = new FileSpeaker(path, clock)
  let next = 0
  const dues: number[] = []
  t.equal(
    await speaker.open((block, due) => {
      dues.push(due)
      for (let i = 0; i < block.length; i++) block[i] = next++ % 30000
    }, never),
    70,
  )
  for (let ms = 0; ms < 1000; ms += 37) {
    clock.advance(37)
    const read = readWav(new Uint8Array(readFileSync(path)), 'out.wav')
    const length = read.ok ? read.value.samples.length / 48 : 0
    t.ok(length <= ms + 37 && length > ms + 37 - 111, `after ${ms + 37} ms it holds ${length}`)
    t.equal(readFileSync(path).readUInt32LE(40), 96 * length, 'and says so')
  }
  await speaker.close()
  const played = clock.now() - 70
  t.same(
    [...readSamples(path)],
    Array.from({ length: Math.round(played * 48) }, (_, i) => i % 30000),
  )
  t.same(dues.slice(0, 3), [80, 90, 100])
  t.equal(clock.pending, 0)
  await speaker.close()
})

t.test('a file speaker catches up after the program was late', async t => {
  // A clock whose timers come late, as those of a busy program do.
  let now = 0
  const timers: (() => void)[] = []
  const clock = { now: () => now, setTimeout: (fn: () => void) => timers.push(fn), clearTimeout: () => {} }
  const dues: number[] = []
  const speaker = new FileSpeaker(join(t.testdir(), 'out.wav'), clock)
  await speaker.open((_, due) => dues.push(due), never)
  now = 95
  timers.shift()?.()
  t.same(dues, [10, 20, 30, 40, 50, 60, 70, 80, 90])
  await speaker.close()
})

t.test('a file speaker finds out before the call whether it can write', async t => {
  const folder = t.testdir({ 'old.wav': 'keep me' })
  const prepare = (name: string) => new FileSpeaker(join(folder, name), new VirtualClock()).prepare()
  await t.rejects(prepare('no/such/folder/x.wav'), { name: 'cannotWrite', message: /folder does not exist/ })
  await t.rejects(prepare('.'), { name: 'cannotWrite', message: /it is a folder/ })
  await prepare('new.wav')
  t.notOk(existsSync(join(folder, 'new.wav')), 'nothing is left behind')
  await prepare('old.wav')
  t.equal(readFileSync(join(folder, 'old.wav'), 'utf8'), 'keep me')
})
