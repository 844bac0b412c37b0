import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemOf } from '../../../../peer/audio/devices/systems.js'

const PATH = process.env.PATH
const skip =
  (await import('node-web-audio-api' as string).then(
    () => true,
    () => false,
  )) && 'node-web-audio-api is installed here'

/** A machine with these programs, shell scripts each, and no others. */
function machine(t: Test, programs: Readonly<Record<string, string>>): void {
  const folder = t.testdir({})
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  t.teardown(() => {
    process.env.PATH = PATH
  })
  process.env.PATH = folder
}

const PULSE = { parec: '', pacat: '', pactl: '' }
const SILENT_PULSE = { ...PULSE, pactl: '[ "$1" = --version ]' }
const card = (n: number) =>
  `[ "$1" = -l ] && echo "card ${n}: E20 [Jabra EVOLVE 20], device 0: USB Audio [USB Audio]"; exit 0`

t.test('takes a sound server that answers', async t => {
  machine(t, { ...PULSE, aplay: card(0), arecord: card(0) })
  t.equal((await systemOf('auto')).name, 'pulse')
  t.equal((await systemOf('alsa')).name, 'alsa', 'unless told otherwise')
})

t.test('takes ALSA where no server answers, or there is none, and a card is there', async t => {
  machine(t, { ...SILENT_PULSE, aplay: card(1), arecord: 'exit 1' })
  t.equal((await systemOf('auto')).name, 'alsa')
  machine(t, { aplay: card(1), arecord: card(1) })
  t.equal((await systemOf('auto')).name, 'alsa')
})

t.test('says what is missing where there is neither, once', { skip }, async t => {
  machine(t, { ...SILENT_PULSE, aplay: 'echo "aplay: device_list:274: no soundcards found..."' })
  await t.rejects(systemOf('auto'), {
    name: 'noSoundSystem',
    message: 'No sound server answers on this machine. And ALSA knows no sound card.',
    hint: /^Start PulseAudio or PipeWire, or use --mic/,
  })
  machine(t, {})
  await t.rejects(systemOf('auto'), { name: 'noSoundSystem', hint: /pulseaudio-utils/ })
  await t.rejects(systemOf('alsa'), { name: 'noSoundSystem', hint: /alsa-utils/ })
  await t.rejects(systemOf('pulse'), { name: 'noSoundSystem', hint: /pulseaudio-utils/ })
  await t.rejects(systemOf('web'), { name: 'noSoundSystem', hint: /npm install --no-save node-web-audio-api@2/ })
})

t.test('uses none where only files are wanted', async t => {
  await t.rejects(systemOf('file'), { name: 'noSoundSystem', hint: /--speaker/ })
})
