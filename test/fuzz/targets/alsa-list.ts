/** What `arecord` and `aplay` print. */
import { alsaReader } from '../../../peer/audio/devices/alsa.js'
import { hasCards, parseAlsaDevices } from '../../../peer/audio/devices/alsa-list.js'
import { holds, type Target } from '../target.js'

const list = `null
    Discard all samples
default
    Default Audio Device
hw:CARD=PCH,DEV=0
    HDA Intel PCH
plughw:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
mine
`
const said = '  buffer_size  : 960\navail=480 delay=480\nunderrun!!! (at least 2 ms long)\nBUFPOS: avg960/960 (0)\n'

export const target: Target = {
  files: ['peer/audio/devices/alsa-list.js', 'peer/audio/devices/alsa.js'],
  maxBytes: 2_000,
  samples: [list, said, `${said}${said}`, 'card 0: PCH [HDA Intel PCH], device 0: ALC257\n', 'BUFPOS: avg-9/7 \n'].map(
    text => Buffer.from(text),
  ),
  words: [
    ...list.split('\n').map(line => `${line}\n`),
    ...said.split('\n').map(line => `${line}\n`),
    'sysdefault:',
    '9',
  ],
  run(input) {
    const text = new TextDecoder().decode(input)
    const devices = parseAlsaDevices(text)
    for (const { id, name } of devices)
      holds(id !== '' && name !== '' && !/\n/.test(id + name), 'a device has a name, a line each')
    const read = alsaReader()
    const words = new Set<string>()
    for (const line of text.split('\n')) {
      const report = read(line)
      if (report?.kind === 'holds') holds(report.ms >= 0 && report.thenMs >= 0, 'nothing holds less than nothing')
      if (report) words.add(report.kind)
    }
    return `${Math.min(devices.length, 3)} ${hasCards(text)} ${[...words].sort().join(' ')}`
  },
}
