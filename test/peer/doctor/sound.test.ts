import t from 'tap'
import { type Audio, AudioProblem } from '../../../peer/audio/audio.js'
import { SILENCE_DB } from '../../../peer/audio/level.js'
import { checkSound } from '../../../peer/doctor/sound.js'
import { EchoAudio } from '../../../peer/echo/echo-audio.js'
import { NodeClock } from '../../../peer/node-clock.js'

/** Sound whose microphone is the packets that it is given, at once; what is played counts. */
class FakeAudio extends EchoAudio {
  stopped = 0
  played = 0
  problem: AudioProblem | null = null

  override async prepare(): Promise<void> {
    if (this.problem) throw this.problem
  }

  override async start() {
    for (let n = 0; n < 100; n++) {
      this.captured.push(n, Uint8Array.of(n))
      this.onCaptured()
    }
    return {
      microphone: { name: 'Mic', startedAt: 0 },
      speaker: { name: 'Speaker', startedAt: 0 },
    }
  }

  override stats() {
    for (let next = this.playout.pop(); next; next = this.playout.pop()) this.played++
    return { ...super.stats(), framesPlayed: 1, levelIn: -20, levelOut: this.played > 0 ? -21 : SILENCE_DB }
  }

  override async stop(): Promise<void> {
    this.stopped++
  }
}

/** `meanwhile`: what happens at each look, by a clock that only looks move. */
function check(audio: Audio, said: string[] = [], meanwhile = (_ms: number) => {}) {
  let now = 0
  return checkSound({
    audio,
    microphone: null,
    speaker: null,
    isMuted: async () => null,
    now: () => now,
    sleep: async ms => {
      now += ms
      meanwhile(now)
    },
    progress: line => said.push(line),
  })
}

t.test('plays back all that it recorded, and gives the devices back', async t => {
  const audio = new FakeAudio(new NodeClock())
  const said: string[] = []
  t.match(await check(audio, said), { verdict: 'ok', seen: /Mic \(-20 dBFS\).*Speaker \(-21 dBFS\)/ })
  t.same([audio.played, audio.stopped], [100, 1])
  t.match(said, [/say something/, /Playing/])
})

t.test('a device that is missing, or that goes in the middle, is a fault in its own words', async t => {
  const audio = new FakeAudio(new NodeClock())
  audio.problem = new AudioProblem('noSoundSystem', 'No sound.', 'Start it.')
  t.same(await check(audio), { verdict: 'fault', seen: 'No sound.', todo: 'Start it.' })
  t.equal(audio.stopped, 1)
  const pulled = new FakeAudio(new NodeClock())
  const gone = new AudioProblem('deviceLost', 'It is gone.', 'Plug it in.')
  const finding = await check(
    pulled,
    [],
    ms =>
      ms > 1_000 &&
      pulled.onDevice({ device: 'speaker', name: 'that', label: 'that one', change: 'lost', problem: gone }),
  )
  t.same(finding, { verdict: 'fault', seen: 'It is gone.', todo: 'Plug it in.' })
})
