import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Pulse, type SideName } from '../lab/pulse.js'
import { judge } from '../measure/hearing.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { steadily } from '../system/steadily.js'
import { between, faultsOf, figures, sleep, WholeCall } from '../system/whole-call.js'

t.setTimeout(240_000)
const missing = Pulse.available()
const skip = missing === null ? false : `no PulseAudio here: ${missing}`

/** Read before anyone talks: it takes a while. */
const speech = { a: readWav(speechPath('congratulations')), b: readWav(speechPath('no-connection')) }

/** Two peers on real (virtual) devices. */
async function pulseCall(t: Test) {
  const pulse = await Pulse.start()
  const side = (name: SideName) => ({ env: pulse.env(name), devices: ['--audio', 'pulse'] })
  const call = await WholeCall.start(t, { a: side('a'), b: side('b') })
  t.teardown(() => pulse.stop())
  await call.talking()
  await Promise.all([call.a, call.b].map(({ peer }) => peer.event(event => event.event === 'devices')))
  return { pulse, call }
}

t.test('carries speech both ways at once over a sound system', { skip, timeout: 240_000 }, t =>
  steadily(t, async t => {
    const { pulse, call } = await pulseCall(t)
    const recording = await pulse.record()
    pulse.play('a', speech.a, { loop: true })
    pulse.play('b', speech.b, { loop: true })
    await sleep(12_000)
    const end = Date.now()
    t.same(await call.hangUp(), [0, 0])
    const { said, heard } = await recording.stop()
    const ways = (['a', 'b'] as const).map(listener => {
      const mouth = between(said[listener === 'a' ? 'b' : 'a'], 0, end)
      const hearing = judge(mouth, between(heard[listener], 0, end))
      const name = `${call[listener].id} hears`
      return { note: figures(name, hearing, call[listener]), faults: faultsOf(name, hearing) }
    })
    return {
      notes: ways.map(({ note }) => note),
      faults: ways.flatMap(({ faults }) => faults),
      crowding: call.crowding,
    }
  }),
)

/** The programs that play and record for a side, by what they find in their environment. */
function soundPrograms(environment: Record<string, string>): string[] {
  const wanted = Object.entries(environment).map(([name, value]) => `${name}=${value}\0`)
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? ''
        const held = readFileSync(`/proc/${pid}/environ`, 'utf8')
        return /(parec|pacat)$/.test(command) && wanted.every(entry => held.includes(entry)) ? [command] : []
      } catch {
        return []
      }
    })
}

const noProc = process.platform === 'linux' ? false : 'looks at processes in /proc, which only Linux has'

t.test('leaves no parec and no pacat behind, killed or ended', { skip: skip || noProc, timeout: 60_000 }, async t => {
  const { pulse, call } = await pulseCall(t)
  for (const side of ['a', 'b'] as const)
    t.equal(soundPrograms(pulse.env(side)).length, 2, `${side} plays and records by two programs`)
  call.b.peer.kill('SIGKILL')
  await call.b.peer.exit()
  // They notice when they next read or write their pipe.
  for (let n = 0; n < 50 && soundPrograms(pulse.env('b')).length > 0; n++) await sleep(100)
  t.same(soundPrograms(pulse.env('b')), [], 'gone within 5 s of kill -9')
  call.a.peer.kill('SIGTERM')
  t.equal((await call.a.peer.exit()).code, 0)
  t.same(soundPrograms(pulse.env('a')), [], 'gone when the program ends')
})
