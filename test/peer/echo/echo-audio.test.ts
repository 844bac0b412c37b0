import t from 'tap'
import { ECHO_MS, EchoAudio } from '../../../peer/echo/echo-audio.js'
import { VirtualClock } from '../../virtual-clock.js'

/** What leaves each 20 ms: the first byte, null for silence. */
function rig() {
  const clock = new VirtualClock(5_000)
  const audio = new EchoAudio(clock)
  const left: { ms: number; n: number | null; at: number }[] = []
  audio.onCaptured = () => {
    for (let next = audio.captured.pop(); next; next = audio.captured.pop())
      left.push({ ms: clock.now() - 5_000, n: next.payload[0] ?? null, at: next.at })
  }
  return { clock, audio, left }
}

t.test('says each packet again a second after it came, in even steps', async t => {
  const { clock, audio, left } = rig()
  await audio.prepare()
  await audio.start()
  for (let n = 0; n < 100; n++) {
    audio.playout.push(n, Uint8Array.of(n))
    clock.advance(20)
  }
  t.same(
    left.map(({ at }) => at),
    Array.from({ length: 100 }, (_, n) => n),
    'a packet each 20 ms, numbered',
  )
  for (const { ms, n } of left) {
    if (ms <= ECHO_MS) t.equal(n, null)
    else t.equal(ms - (n! + 1) * 20, ECHO_MS)
  }
  t.equal(audio.stats().bufferMs, ECHO_MS)
  await audio.stop()
  t.equal(clock.pending, 0)
})

t.test('says nothing while it is muted, and nothing where nothing came', async t => {
  const { clock, audio, left } = rig()
  await audio.start()
  audio.playout.push(0, new Uint8Array(0))
  clock.advance(1_100)
  t.ok(left.every(({ n }) => n === null))
  audio.playout.push(55, Uint8Array.of(9))
  audio.setMuted(true)
  clock.advance(1_100)
  t.ok(left.every(({ n }) => n === null))
  await audio.stop()
})
