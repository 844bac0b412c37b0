/** What `pactl` and `pacat` print. */

import { AudioProblem } from '../../../peer/audio/audio.js'
import { matchDevice } from '../../../peer/audio/devices/match.js'
import { readPulse } from '../../../peer/audio/devices/pulse.js'
import { defaultIn, parseDevices } from '../../../peer/audio/devices/pulse-list.js'
import { holds, type Target } from '../target.js'

const list = `Source #0
\tState: SUSPENDED
\tName: card.monitor
\tDescription: Monitor of Built-in Audio
\tMonitor of Sink: card
Source #1
\tName: alsa_input.usb-Jabra
\tDescription: Jabra EVOLVE 20
\tMonitor of Sink: n/a
`
const info = 'Default Sink: card\nDefault Source: alsa_input.usb-Jabra\n'

export const target: Target = {
  files: ['pulse-list', 'pulse', 'match'].map(file => `peer/audio/devices/${file}.js`),
  maxBytes: 3_000,
  samples: [
    list,
    info,
    `${list}${info}`,
    'Sink #3\n\tName: x\n',
    'Time: 7.164 sec; Latency: -6904 usec.',
    'Stream moved to device other (0, not suspended).',
    'Stream underrun.',
  ].map(text => Buffer.from(text)),
  words: [...list.split('\n').map(line => `${line}\n`), 'Default Sink: ', '\r', '\u2028', ' ', 'device '],
  run(input) {
    const text = new TextDecoder().decode(input)
    const preferred = defaultIn(text, 'microphone')
    if (preferred !== null) holds(!/[\r\n]/.test(preferred), 'a name is within a line')
    const devices = parseDevices(text, preferred)
    holds(devices.length <= text.length / 8, 'no device comes of nothing')
    for (const { id, name } of devices) holds(!/[\r\n]/.test(`${id}${name}`), 'a device is within its lines')
    const report = readPulse(text)
    if (report?.kind === 'played') holds(Number.isFinite(report.ms), 'a time is a number')
    try {
      const id = matchDevice(devices[0]?.name.slice(0, 20) ?? 'jabra', 'microphone', devices.slice(0, 20))
      holds(
        devices.some(device => device.id === id),
        'finds a device of the list',
      )
    } catch (error) {
      if (!(error instanceof AudioProblem)) throw error
    }
    return `${Math.min(devices.length, 3)} ${report?.kind}`
  },
}
