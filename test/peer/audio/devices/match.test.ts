import t from 'tap'
import { AudioProblem } from '../../../../peer/audio/audio.js'
import { matchDevice } from '../../../../peer/audio/devices/match.js'

const DEVICES = [
  { id: 'alsa_input.usb-Jabra_EVOLVE_20-00.mono', name: 'Jabra EVOLVE 20 Mono', isDefault: true },
  { id: 'alsa_input.pci-0000_00_1f.3.analog', name: 'Built-in Audio Analog Stereo', isDefault: false },
  { id: 'mic.monitor', name: 'Monitor of Built-in Audio', isDefault: false },
]
const match = (text: string, devices = DEVICES) => matchDevice(text, 'microphone', devices, id => id.startsWith('@'))

function refusal(text: string, devices = DEVICES): AudioProblem {
  try {
    const id = match(text, devices)
    return new AudioProblem('deviceBroken', `"${text}" is taken for ${id}`, '')
  } catch (error) {
    return error as AudioProblem
  }
}

t.test('takes a name, a number, or a part that only one has', async t => {
  t.equal(match('mic.monitor'), 'mic.monitor')
  t.equal(match('2'), DEVICES[1]!.id)
  t.equal(match('jabra evolve 20 mono'), DEVICES[0]!.id)
  t.equal(match('Jabra'), DEVICES[0]!.id)
  t.equal(match('usb-jabra'), DEVICES[0]!.id)
  t.equal(match('analog'), DEVICES[1]!.id)
  t.equal(match('20 jabra'), DEVICES[0]!.id, 'the words in any order')
  t.equal(match('@DEFAULT_SOURCE@'), '@DEFAULT_SOURCE@')
})

t.test('an exact name comes before all else', async t => {
  const odd = [
    { id: 'b', name: 'Speaker', isDefault: false },
    { id: '1', name: 'Speaker too', isDefault: false },
  ]
  t.equal(match('1', odd), '1')
  t.equal(match('speaker', odd), 'b')
})

t.test('asks which one where more than one fits', async t => {
  const { name, message, hint } = refusal('built-in')
  t.equal(name, 'noSuchDevice')
  t.equal(message, '"built-in" could be more than one microphone.')
  t.match(hint, /"Built-in Audio Analog Stereo" \(alsa_input.pci.* and "Monitor of Built-in Audio" \(mic.monitor\)/)
})

t.test('suggests what is nearly right', async t => {
  for (const text of ['Jabar', 'jabra evlove', 'Jabra EVOLVE 20 Momo'])
    t.match(refusal(text), { name: 'noSuchDevice', hint: /^Did you mean "Jabra EVOLVE 20 Mono"/ }, text)
  t.match(refusal('mic.montor').hint, /^Did you mean "Monitor of Built-in Audio" \(mic.monitor\)\?/)
})

t.test('suggests nothing that is far away', async t => {
  const { message, hint } = refusal('nosuch')
  t.equal(message, 'There is no microphone named nosuch.')
  t.match(hint, /^Known: alsa_input.usb-.*, mic.monitor\. See --list-devices\.$/)
  t.match(refusal('9').hint, /^Known: /)
  t.match(refusal('x').hint, /^Known: /)
  t.match(refusal('x', []).hint, /no microphone at all/)
})
