import t from 'tap'
import { loadWebrtcCanceller } from '../../../peer/audio/webrtc-canceller.js'
import { resample } from '../../measure/resample.js'
import { RoomEcho, roomResponse } from '../../measure/room.js'
import { intelligibility } from '../../measure/stoi.js'
import { readWav } from '../../measure/wav.js'
import { type SpeechName, speechPath } from '../../speech/speech.js'

const RATE = 48_000
const missing = await loadWebrtcCanceller().then(
  canceller => {
    canceller.close()
    return false as const
  },
  (problem: Error) => problem.message,
)

/** Speech that goes on for so long. */
function speech(name: SpeechName, seconds: number): Int16Array {
  const { rate, samples } = readWav(speechPath(name))
  const once = resample(samples, rate, RATE)
  return Int16Array.from({ length: seconds * RATE }, (_, i) => Math.round(20_000 * once[i % once.length]!))
}

/** Plays and hears at once, in blocks of these many samples; what is left of what the microphone heard. */
async function through(played: Int16Array, said: Int16Array, blocks: { speaker: number; microphone: number }) {
  const canceller = await loadWebrtcCanceller()
  const echo = new RoomEcho(roomResponse(60, 8)).next(played)
  const heard = echo.map((sample, i) => Math.max(-32768, Math.min(32767, sample + said[i]!)))
  const left: number[] = []
  let [given, taken] = [0, 0]
  while (taken + blocks.microphone <= heard.length) {
    for (; given <= taken && given < played.length; given += blocks.speaker)
      canceller.played(played.subarray(given, given + blocks.speaker))
    left.push(...canceller.heard(heard.subarray(taken, taken + blocks.microphone)))
    taken += blocks.microphone
  }
  canceller.close()
  return { echo, left: Int16Array.from(left) }
}

const seconds = (samples: Int16Array, from: number, to: number) => samples.subarray(from * RATE, to * RATE)

function dB(samples: Int16Array): number {
  return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 1) / samples.length)
}

t.test('what the speaker plays goes out of what the microphone hears', { skip: missing }, async t => {
  const played = speech('congratulations', 12)
  const quiet = new Int16Array(played.length)
  for (const blocks of [
    { speaker: 240, microphone: 480 },
    { speaker: 240, microphone: 333 },
    { speaker: 1024, microphone: 1024 },
  ]) {
    const { echo, left } = await through(played, quiet, blocks)
    t.ok(quiet.length - left.length < 480 + blocks.microphone, 'all of it comes back, but for less than a frame')
    const first = dB(seconds(echo, 1, 3)) - dB(seconds(left, 1, 3))
    const later = dB(seconds(echo, 6, 11)) - dB(seconds(left, 6, 11))
    t.comment(`${JSON.stringify(blocks)}: less by ${first.toFixed(0)} dB at first, ${later.toFixed(0)} dB later`)
    t.ok(first > 6, `${first} dB`)
    t.ok(later > 30, `${later} dB`)
  }
})

t.test('what a person says stays', { skip: missing }, async t => {
  const said = speech('no-connection', 8)
  const { left } = await through(new Int16Array(said.length), said, { speaker: 240, microphone: 480 })
  // WebRTC's filters take 8.7 ms.
  const late = 418
  const heard = left.subarray(late)
  const { stoi } = intelligibility(Float32Array.from(said.subarray(0, heard.length)), Float32Array.from(heard), RATE)
  t.comment(`STOI ${stoi.toFixed(3)}`)
  t.ok(stoi > 0.95, `${stoi}`)
})

t.test('gives back what it hears once it is closed', { skip: missing }, async t => {
  const canceller = await loadWebrtcCanceller()
  canceller.close()
  canceller.close()
  canceller.played(new Int16Array(480))
  const block = Int16Array.of(1, 2, 3)
  t.same(canceller.heard(block), block)
})

t.test('says what to do where it is not installed, or does not load', async t => {
  const fails = (message: string) => loadWebrtcCanceller(() => Promise.reject(new Error(message)))
  await t.rejects(fails("Cannot find package '@livekit/rtc-ffi-bindings' imported from x"), {
    name: 'noEchoCanceller',
    message: /not installed/,
    hint: /^Run "npm install --no-save @livekit\/rtc-ffi-bindings@\d+\.\d+\.\d+" .* --echo-cancel out/,
  })
  await t.rejects(fails('Failed to load native binding\nRequire stack:\n- x'), {
    name: 'noEchoCanceller',
    message: /cannot be loaded on this machine \(Failed to load native binding\)\.$/,
    hint: /^Leave --echo-cancel out/,
  })
})
