import { join } from 'node:path'
import t from 'tap'
import { chooseDevices, isRealMicrophone, parseMicrophone, parseSpeaker } from '../../../peer/audio/choose.js'
import { VirtualClock } from '../../virtual-clock.js'

const clock = new VirtualClock()

t.test('understands what a person asks for', async t => {
  t.same(parseMicrophone('file:a/b.wav'), { kind: 'file', path: 'a/b.wav' })
  t.same(parseMicrophone('tone'), { kind: 'tone' })
  t.same(parseMicrophone('none'), { kind: 'none' })
  t.same(parseMicrophone('alsa_input.usb'), { kind: 'device', name: 'alsa_input.usb' })
  t.same(parseMicrophone(''), { kind: 'device', name: null })
  t.same(parseSpeaker('file:out.wav'), { kind: 'file', path: 'out.wav' })
  t.same(parseSpeaker('none'), { kind: 'none' })
  t.same(parseSpeaker('default'), { kind: 'device', name: null })
})

t.test('knows which microphones hear a room', async t => {
  for (const real of ['', 'default', '2', 'USB Headset']) t.equal(isRealMicrophone(real), true, real)
  for (const other of ['file:a.wav', 'tone', 'none']) t.equal(isRealMicrophone(other), false, other)
})

t.test('needs no sound system for files, tone and none', async t => {
  const names = async (microphone: string, speaker: string) =>
    (await chooseDevices({ microphone, speaker, backend: 'file' }, clock)).map(device => device.name)
  t.same(await names('tone', 'none'), ['tone', 'none'])
  t.same(await names('file:a.wav', 'file:b.wav'), ['file:a.wav', 'file:b.wav'])
})

t.test('refuses a real device where only files are wanted', async t => {
  const choice = { microphone: 'tone', speaker: '', backend: 'file' } as const
  await t.rejects(chooseDevices(choice, clock), { name: 'noSoundSystem', hint: /--speaker/ })
})

t.test('does not let the speaker overwrite the microphone', async t => {
  const choice = { microphone: 'file:a/../x.wav', speaker: 'file:x.wav', backend: 'auto' } as const
  await t.rejects(chooseDevices(choice, clock), { name: 'cannotWrite' })
})

t.test('says what to install where there is no sound system', async t => {
  const path = process.env.PATH
  t.teardown(() => {
    process.env.PATH = path
  })
  process.env.PATH = join(t.testdir({}), 'nothing')
  const choice = { microphone: '', speaker: '', backend: 'auto' } as const
  await t.rejects(chooseDevices(choice, clock), { name: 'noSoundSystem', hint: /pulseaudio-utils.*--mic/ })
})
