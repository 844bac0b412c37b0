/** Bare ALSA: its programs, on devices of its own configuration that are played in real time by a sound server. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { systemOf } from '../../peer/audio/devices/systems.js'
import { createWorkerAudio } from '../../peer/audio/worker-audio.js'
import { SoundServer } from '../lab/sound-server.js'
import { Ear, sounding } from './sounding.js'

const folder = mkdtempSync(join(tmpdir(), 'voicechat-alsa-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(
  join(folder, 'asound.conf'),
  `</usr/share/alsa/alsa.conf>
   pcm.spk { type pulse device spk hint { show on description "The loudspeaker" } }
   pcm.mic { type pulse device mic.monitor hint { show on description "The microphone" } }`,
)
process.env.ALSA_CONFIG_PATH = join(folder, 'asound.conf')

function missing(): string | null {
  for (const program of ['aplay', 'arecord'])
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
      return `${program} is not installed (Debian: apt install alsa-utils)`
  const libraries = existsSync('/usr/lib')
    ? readdirSync('/usr/lib').map(name => join('/usr/lib', name, 'alsa-lib'))
    : []
  if (!libraries.some(library => existsSync(join(library, 'libasound_module_pcm_pulse.so'))))
    return "ALSA's way to PulseAudio is not installed (Debian: apt install libasound2-plugins)"
  return SoundServer.missing('PulseAudio')
}

const skip = missing() ?? false

t.test('records and plays with little delay, loses and finds its devices', { skip, timeout: 60_000 }, async t => {
  const { server, audio, told, flows } = await sounding(t, 'PulseAudio', 'microphone', 'loud', 'alsa')
  const { microphone, speaker } = await audio.start()
  t.same([microphone.name, speaker.name], ['mic', 'spk'])
  t.ok(await flows(), 'voice flows')
  const player = server.spawn('pacat', ['--raw', '--format=s16le', '--rate=48000', '--channels=1', '--device=mic'])
  const noise = Buffer.alloc(48_000 * 2 * 8)
  for (let i = 0; i < noise.length; i += 2) noise.writeInt16LE(Math.round(8000 * Math.sin(i / 20)), i)
  player.stdin!.on('error', () => {})
  player.stdin!.end(noise)
  const there = new Ear(server, 'spk.monitor')
  await sleep(2000)
  t.ok((await there.listen(1500))! > 2000, 'what the microphone hears is heard from the speaker')
  const { bufferMs, underruns, framesConcealed } = audio.stats()
  t.comment(`${bufferMs.toFixed(0)} ms wait to be heard; ${underruns} underruns, ${framesConcealed} frames concealed`)
  t.ok(bufferMs < 300, 'and it does not pile up')
  there.close()
  player.kill()
  // Not by unplugging: the sound server behind ALSA may then give the stream to another of its devices, which ALSA does not tell.
  await server.die()
  t.same((await told(2)).sort(), ['microphone lost mic', 'speaker lost spk'])
  await sleep(1200)
  await server.revive()
  for (const name of ['other', 'spk', 'mic']) await server.plug(name)
  t.same((await told(4)).slice(2).sort(), ['microphone back mic', 'speaker back spk'])
  t.ok(await flows(), 'voice flows again')
})

t.test('lists what its configuration names', { skip }, async t => {
  const system = await systemOf('alsa')
  t.match(
    (await system.list('speaker')).find(({ id }) => id === 'spk'),
    { name: 'The loudspeaker', isDefault: false },
  )
})

t.test('names a device that does not exist, before the call', { skip }, async t => {
  for (const [speaker, says] of [
    ['nosuch', /no speaker named nosuch/],
    ['plughw:CARD=Nosuch', /speaker does not exist/],
  ] as const) {
    const audio = createWorkerAudio({ microphone: 'tone', speaker, backend: 'alsa' })
    await t.rejects(audio.prepare(), { name: 'noSuchDevice', message: says, hint: /--list-devices/ })
    await audio.stop()
  }
})
