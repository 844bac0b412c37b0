import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { AudioProblem } from '../../../peer/audio/audio.js'
import { RecordingFile, type RecordingLimits } from '../../../peer/audio/recording-file.js'
import { readChannels } from '../../measure/wav.js'

const later = () => new Promise(resolve => setImmediate(resolve))

function world(t: Test, limits: RecordingLimits = {}, channels = 2) {
  const path = join(t.testdir(), 'call.wav')
  const problems: AudioProblem[] = []
  const file = new RecordingFile(path, channels, problem => problems.push(problem), limits)
  return { path, file, problems }
}

/** Resolves when the sizes in the file's header say so many samples. */
async function holds(path: string, samples: number): Promise<void> {
  while (readFileSync(path).readUInt32LE(40) !== 4 * samples) await later()
}

t.test('is a good file at each moment, also if the program dies now', async t => {
  const { path, file, problems } = world(t)
  file.open()
  t.equal(readChannels(path).channels[0]?.length, 0, 'from the first moment')
  for (let n = 1; n <= 5; n++) {
    file.append(Int16Array.from({ length: 960 }, (_, i) => (i % 2 === 0 ? 1_000 * n : -n)))
    await holds(path, 480 * n)
    const { rate, channels } = readChannels(path)
    t.equal(rate, 48_000)
    t.same([channels[0]?.at(-1), channels[1]?.at(-1)], [(1_000 * n) / 32_768, -n / 32_768])
  }
  await file.close()
  await file.close()
  file.append(new Int16Array(960))
  t.equal(statSync(path).size, 44 + 5 * 4 * 480)
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(problems, [])
})

t.test('writes all that was taken before it closes, in order', async t => {
  const { path, file } = world(t, {}, 1)
  file.open()
  const block = new Int16Array(480)
  for (let n = 1; n <= 100; n++) {
    block.fill(n)
    file.append(block)
  }
  await file.close()
  const [samples] = readChannels(path).channels
  t.same(
    samples,
    Float32Array.from({ length: 48_000 }, (_, i) => (Math.floor(i / 480) + 1) / 32_768),
  )
})

t.test('leaves no file where nothing was said', async t => {
  const { path, file, problems } = world(t)
  file.open()
  await file.close()
  t.notOk(existsSync(path))
  t.same(problems, [])
})

t.test('overwrites nothing, and looks before the call whether it could be written', async t => {
  const { path, file, problems } = world(t)
  file.check()
  t.notOk(existsSync(path), 'nothing is left behind')
  writeFileSync(path, 'mine')
  t.throws(() => file.check(), { name: 'fileExists', message: /exists already/, hint: /another file/ })
  file.open()
  t.match(problems, [{ name: 'recordingEnded', message: /has ended, the call goes on: .*exists already/ }])
  t.equal(readFileSync(path, 'utf8'), 'mine')
  const lost = new RecordingFile(join(path, 'call.wav'), 2, () => {})
  t.throws(() => lost.check(), { name: 'cannotWrite', message: /folder does not exist/ })
})

t.test('a full disk is told once, ends the recording, and leaves a good file', async t => {
  let room = 3
  const { path, file, problems } = world(t, {
    writeAt: async (fd, bytes, position) => {
      if (bytes.length > 44 && room-- === 0) {
        writeFileSync(path, Buffer.alloc(100), { flag: 'a' })
        throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      }
      writeFileSync(path, patched(readFileSync(path), bytes, position))
      t.ok(fd > 0)
    },
  })
  file.open()
  // What comes while a portion is being written goes with the next.
  for (let n = 0; problems.length === 0 && n < 10_000; n++) {
    file.append(new Int16Array(960).fill(n + 1))
    await later()
  }
  await file.close()
  t.match(problems, [{ name: 'recordingEnded', message: /the disk is full/, hint: /until now is in the file/ }])
  t.equal(problems.length, 1)
  while (statSync(path).size !== 44 + 4 * (readChannelsOr(path)?.channels[0]?.length ?? -1)) await later()
  t.ok((readChannels(path).channels[0]?.length ?? 0) >= 480)
})

t.test('a file that is removed in the middle of the call ends the recording', async t => {
  const { path, file, problems } = world(t)
  file.open()
  rmSync(path)
  mkdirSync(path)
  file.append(new Int16Array(960))
  await file.close()
  t.match(problems, [{ name: 'recordingEnded', message: /it was removed/ }])
})

t.test('a disk that hangs does not fill the memory', async t => {
  const { file, problems } = world(t, { writeAt: () => new Promise(() => {}) })
  file.open()
  for (let n = 0; n < 60; n++) file.append(new Int16Array(48_000))
  t.match(problems, [{ name: 'recordingEnded', message: /takes too long/ }])
})

t.test('ends where a WAV file is full', async t => {
  const { path, file, problems } = world(t, { maxBytes: 4 * 1_000 })
  file.open()
  for (let n = 0; n < 3; n++) {
    file.append(new Int16Array(960))
    if (n < 2) await holds(path, 480 * (n + 1))
  }
  await file.close()
  t.match(problems, [{ name: 'recordingEnded', message: /holds no more/ }])
  t.equal(readChannels(path).channels[0]?.length, 960)
})

function patched(whole: Buffer, bytes: Uint8Array, position: number): Buffer {
  const out = Buffer.alloc(Math.max(whole.length, position + bytes.length))
  whole.copy(out)
  out.set(bytes, position)
  return out
}

function readChannelsOr(path: string) {
  try {
    return readChannels(path)
  } catch {
    return null
  }
}

t.test('the file may be read while it grows', async t => {
  const { path, file } = world(t)
  file.open()
  const reader = await open(path)
  file.append(new Int16Array(960).fill(5))
  await holds(path, 480)
  t.equal((await reader.read(Buffer.alloc(4), 0, 4, 44)).buffer.readInt16LE(0), 5)
  await reader.close()
  await file.close()
})
