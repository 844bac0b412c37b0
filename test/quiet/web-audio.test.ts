/**
 * node-web-audio-api, installed for this test alone. It was written for macOS and Windows; here it plays by ALSA, on devices that a sound
 * server plays in real time. Nothing of this was ever run on macOS or Windows.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { systemOf } from '../../peer/audio/devices/systems.js'
import { SoundServer } from '../lab/sound-server.js'
import { Ear, sounding } from '../system/sounding.js'

const folder = mkdtempSync(join(tmpdir(), 'voicechat-web-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** Null, or why it can't be tried here. Installs it. */
async function missing(): Promise<string | null> {
  const libraries = existsSync('/usr/lib')
    ? readdirSync('/usr/lib').map(name => join('/usr/lib', name, 'alsa-lib'))
    : []
  if (!libraries.some(library => existsSync(join(library, 'libasound_module_pcm_pulse.so'))))
    return "ALSA's way to PulseAudio is not installed (Debian: apt install libasound2-plugins)"
  const noServer = SoundServer.missing('PulseAudio')
  if (noServer) return noServer
  const install = ['install', '--prefix', folder, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  const failed = await promisify(execFile)('npm', [...install, 'node-web-audio-api@2'], { timeout: 60_000 }).then(
    () => null,
    error => `npm could not install node-web-audio-api: ${String(error).split('\n').slice(0, 3).join(' ')}`,
  )
  return failed
}

/** As if it were installed beside VoiceChat, for the programs that are started from here. */
function pretend(): void {
  const url = pathToFileURL(createRequire(join(folder, 'here.js')).resolve('node-web-audio-api')).href
  const hooks = join(folder, 'hooks.mjs')
  const loader = join(folder, 'loader.mjs')
  writeFileSync(
    hooks,
    `export const resolve = (name, context, next) => next(name === 'node-web-audio-api' ? '${url}' : name, context)`,
  )
  writeFileSync(loader, `import { register } from 'node:module'\nregister('${pathToFileURL(hooks).href}')`)
  process.env.NODE_OPTIONS = `--import=${pathToFileURL(loader).href}`
  writeFileSync(
    join(folder, 'asound.conf'),
    `</usr/share/alsa/alsa.conf>
     pcm.spk { type pulse device spk hint { show on description "The loudspeaker" } }
     pcm.mic { type pulse device mic.monitor hint { show on description "The microphone" } }`,
  )
  process.env.ALSA_CONFIG_PATH = join(folder, 'asound.conf')
}

/** The processes of its own that play and record. */
function programs(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('web-program.js') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder)
        )
      } catch {
        return false
      }
    })
    .map(Number)
}

t.test('says what to install where it is missing', async t => {
  await t.rejects(systemOf('web'), { name: 'noSoundSystem', hint: /npm install --no-save node-web-audio-api@2/ })
})

t.test('records and plays in a process of its own, whose death ends no call', { timeout: 120_000 }, async t => {
  const why = await missing()
  if (why) return t.plan(0, why)
  pretend()
  const { server, audio, told, flows } = await sounding(t, 'PulseAudio', 'the microphone', 'loud', 'web')
  const { microphone, speaker } = await audio.start()
  t.same([microphone.name, speaker.name], ['The microphone', 'The loudspeaker'])
  const player = server.spawn('pacat', ['--raw', '--format=s16le', '--rate=48000', '--channels=1', '--device=mic'])
  const sound = Buffer.alloc(48_000 * 2 * 40)
  for (let i = 0; i < sound.length; i += 2) sound.writeInt16LE(Math.round(8000 * Math.sin(i / 20)), i)
  player.stdin!.on('error', () => {})
  player.stdin!.end(sound)
  t.ok(await flows(), 'voice flows')
  const there = new Ear(server, 'spk.monitor')
  t.ok((await there.listen(1500))! > 2000, 'what the microphone hears is heard from the speaker')
  const { bufferMs, underruns, framesConcealed } = audio.stats()
  t.comment(`${bufferMs.toFixed(0)} ms wait to be heard; ${underruns} underruns, ${framesConcealed} frames concealed`)
  t.ok(bufferMs < 400, 'and it does not pile up')

  t.equal(programs().length, 2)
  for (const pid of programs()) process.kill(pid, 'SIGSEGV')
  t.same((await told(2)).sort(), ['microphone lost The microphone', 'speaker lost The loudspeaker'])
  t.same((await told(4)).slice(2).sort(), ['microphone back The microphone', 'speaker back The loudspeaker'])
  t.ok((await there.listen(1500))! > 2000, 'heard again')
  there.close()
  player.kill()

  await server.die()
  t.same((await told(6)).slice(4).sort(), ['microphone lost The microphone', 'speaker lost The loudspeaker'])
  await sleep(1000)
  await server.revive()
  for (const name of ['other', 'spk', 'mic']) await server.plug(name)
  t.same((await told(8)).slice(6).sort(), ['microphone back The microphone', 'speaker back The loudspeaker'])
  await audio.stop()
  t.same(programs(), [], 'nothing is left behind')
})
