import t from 'tap'
import { AudioProblem } from '../../../peer/audio/audio.js'
import { deviceSentence } from '../../../peer/terminal/device-sentence.js'

t.test('says what became of a device and that the call goes on', async t => {
  const lost = new AudioProblem('deviceLost', 'The speaker spk went away.', 'Plug it in again.')
  t.equal(
    deviceSentence({ device: 'speaker', name: 'spk', label: 'L spk', change: 'lost', problem: lost }),
    'The speaker spk went away. The call goes on, but you hear nothing until it is back. Plug it in again.',
  )
  const full = new AudioProblem('cannotWrite', 'a.wav cannot be written: the disk is full.', 'Choose another.')
  t.match(
    deviceSentence({ device: 'speaker', name: 'file:a.wav', label: 'file:a.wav', change: 'lost', problem: full }),
    /from now on\.$/,
  )
  t.match(
    deviceSentence({ device: 'microphone', name: 'm', label: 'L m', change: 'lost', problem: lost }),
    /hear nothing of you/,
  )
  t.equal(
    deviceSentence({ device: 'microphone', name: 'm', label: 'L m', change: 'back' }),
    'The microphone is back: L m.',
  )
  t.match(deviceSentence({ device: 'speaker', name: 'tv', label: 'L tv', change: 'moved' }), /speaker is L tv now/)
})
