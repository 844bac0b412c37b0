/** The value of each setting, as text from a file or the environment: the parsers of the command line's options. */
import { isAbsolute } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { peerCommand } from '../../../peer/terminal/options.js'
import { parseSetting, settingsOf, unknownKey } from '../../../peer/terminal/settings.js'
import { holds, type Target } from '../target.js'

const settings = settingsOf(peerCommand('0'))
const values = [
  'ABC',
  'ws://localhost:9001',
  'relay',
  'native',
  'file:a.wav',
  'tone',
  'none',
  '12.5',
  '1e3',
  'yes',
  'off',
  'auto',
]

export const target: Target = {
  files: [
    'peer/terminal/settings.js',
    'peer/terminal/options.js',
    'peer/terminal/server-address.js',
    'protocol/did-you-mean.js',
    'protocol/edit-distance.js',
  ],
  maxBytes: 300,
  samples: settings.map(({ key }, i) => Buffer.from(`${key}=${values[i % values.length]}`)),
  words: [...settings.map(({ key }) => key), ...values, '=', 'file:', '\0', 'Infinity', '0x10', '-1', '://', '@'],
  run(input) {
    const text = new TextDecoder().decode(input)
    const [key = '', ...rest] = text.split('=')
    const setting = settings.find(each => each.key === key)
    if (!setting) {
      const words = unknownKey(key, settings)
      holds(words.includes(`"${key}"`) || key === 'password', 'says which key it does not know')
      return /no setting|one run|does not belong/.exec(words)?.[0]
    }
    try {
      const value = parseSetting(setting, rest.join('='), '/home/me')
      if (setting.option.flags.includes('<file>'))
        holds(typeof value === 'string' && isAbsolute(value), 'a path is absolute')
      if (typeof value === 'number') holds(value > 0 && value <= 1_000_000, 'a time is one that can be waited')
      holds(value !== undefined && !Number.isNaN(value), 'has a value')
      return `${key} ${typeof value}`
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      holds(error.message !== '', 'says what is allowed')
      return `${key} refused`
    }
  },
}
