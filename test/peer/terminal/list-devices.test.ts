import t from 'tap'
import { deviceLines, deviceTable } from '../../../peer/terminal/list-devices.js'

const DEVICES = [
  { id: 'alsa_output.usb-Jabra_EVOLVE_20-00.analog-stereo', name: 'Jabra EVOLVE 20', isDefault: true },
  { id: 'spk', name: 'Built-in Audio Analog Stereo with a long name', isDefault: false },
]

t.test('shows number, default, name and exact name', async t => {
  t.same(deviceTable('speaker', DEVICES, Number.POSITIVE_INFINITY), [
    'Speakers',
    `  1 * Jabra EVOLVE 20${' '.repeat(30)}  alsa_output.usb-Jabra_EVOLVE_20-00.analog-stereo`,
    '  2   Built-in Audio Analog Stereo with a long name  spk',
  ])
})

t.test('fits into a narrow terminal', async t => {
  const lines = deviceTable('microphone', DEVICES, 40)
  t.same(lines, ['Microphones', '  1 * Jabra EVOLVE 20', '  2   Built-in Audio Analog Stereo with…'])
  t.ok(lines.every(line => line.length <= 40))
})

t.test('says when there is none', async t => {
  t.same(deviceTable('microphone', [], 80), ['Microphones', '   none'])
})

t.test('shows a name once that is the exact one too', async t => {
  t.same(deviceTable('speaker', [{ id: 'mine', name: 'mine', isDefault: false }], 80), ['Speakers', '  1   mine'])
})

t.test('tells programs the same', async t => {
  t.same(
    deviceLines('speaker', DEVICES.slice(0, 1), 1_760_000_000_000).map(line => JSON.parse(line)),
    [
      {
        event: 'listed',
        t: 1_760_000_000_000,
        device: 'speaker',
        number: 1,
        id: 'alsa_output.usb-Jabra_EVOLVE_20-00.analog-stereo',
        name: 'Jabra EVOLVE 20',
        default: true,
      },
    ],
  )
})
