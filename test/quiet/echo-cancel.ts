/** A person with a loudspeaker: what the other side hears of itself, without --echo-cancel and with it. */
import t, { type Test } from 'tap'
import { loadWebrtcCanceller } from '../../peer/audio/webrtc-canceller.js'
import { openRoom } from '../lab/room.js'
import { type ServerKind, SoundServer } from '../lab/sound-server.js'
import { judge } from '../measure/hearing.js'
import { between, rms, type Sound } from '../measure/sound.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { GOOD_STOI, sleep, WholeCall } from '../system/whole-call.js'

/** It learns in this time, ms; then the echo is heard for so long, and then the person for so long. */
const LEARN_MS = 6_000
const ECHO_MS = 8_000
const SPEAK_MS = 8_000
/** Until what was said before was heard, ms. */
const PAUSE_MS = 1_500
/** The room sends back so much; what is left of it must be less by so much, dB. Measured: over 40. */
const ATTENUATION_DB = 8
const LESS_DB = 25

interface Heard {
  /** What came back of what was said, dBFS. */
  readonly echoDb: number
  /** Of the person who then speaks alone. */
  readonly stoi: number
  readonly crowding: Outcome['crowding']
}

/** Runs it, or says why not. */
export async function testEchoCancel(kind: ServerKind): Promise<void> {
  const cannot = await loadWebrtcCanceller().then(
    canceller => canceller.close(),
    (problem: Error) => problem.message,
  )
  const missing = SoundServer.missing(kind) ?? cannot
  t.test(`${kind}: with --echo-cancel nobody hears themselves`, { skip: missing ?? false, timeout: 400_000 }, t =>
    steadily(t, async t => {
      const without = await call(t, kind, [])
      const cancelled = await call(t, kind, ['--echo-cancel'])
      const less = without.echoDb - cancelled.echoDb
      return {
        notes: [describe('without', without), describe('with', cancelled)],
        faults: [
          ...(without.echoDb > -50 ? [] : [`hardly an echo in this room: ${without.echoDb.toFixed(1)} dBFS`]),
          ...(less > LESS_DB ? [] : [`the echo is less by ${less.toFixed(1)} dB, wanted over ${LESS_DB}`]),
          ...(cancelled.stoi > GOOD_STOI ? [] : [`the person is heard with STOI ${cancelled.stoi.toFixed(3)}`]),
        ],
        crowding: cancelled.crowding,
      }
    }),
  )
}

function describe(how: string, { echoDb, stoi }: Heard): string {
  return `${how}: echo ${echoDb.toFixed(1)} dBFS, the person alone STOI ${stoi.toFixed(3)}`
}

/** B speaks, and is heard by A's loudspeaker; then B is muted, and A speaks. */
async function call(t: Test, kind: ServerKind, args: readonly string[]): Promise<Heard> {
  const server = await SoundServer.start(kind)
  t.teardown(() => server.stop())
  for (const name of ['mic', 'spk']) await server.plug(name)
  await openRoom(server, { speaker: 'spk.monitor', microphone: 'mic', delayMs: 20, attenuationDb: ATTENUATION_DB })
  const { XDG_CONFIG_HOME: _, ...env } = server.env
  const devices = ['--audio', 'pulse', '--mic', 'mic.monitor', '--speaker', 'spk']
  const call = await WholeCall.start(t, { a: { env, devices, args } })
  await call.talking()
  await sleep(LEARN_MS)
  const echoFrom = Date.now()
  await sleep(ECHO_MS)
  const echoTo = Date.now()
  call.b.peer.send({ do: 'mute' })
  await sleep(PAUSE_MS)
  const spokenAt = Date.now()
  const speech = speechPath('congratulations')
  const mouth = server.spawn('paplay', ['--device=mic', speech])
  await sleep(SPEAK_MS)
  mouth.kill()
  t.same(await call.hangUp(), [0, 0])
  const { heard } = call.recordings('b')
  await server.stop()
  const said: Sound = { ...readWav(speech), startedAt: spokenAt }
  const { stoi } = judge(between(said, spokenAt, spokenAt + SPEAK_MS - PAUSE_MS), between(heard, spokenAt, Infinity))
  const echo = rms(between(heard, echoFrom, echoTo).samples)
  return { echoDb: 20 * Math.log10(echo + 1e-6), stoi, crowding: call.crowding }
}
