/** The server's configuration file, whole: what is found of it, printed, sets the same again. */
import { settle } from '../../../signaling/config.js'
import { printedConfig } from '../../../signaling/print-config.js'
import { settings } from '../../../signaling/settings.js'
import { holds, type Target } from '../target.js'

const values = [
  '9001',
  'off',
  '::1',
  'wss://a.example, ws://b.example:1',
  'https://a.example',
  'turn:a:3478?transport=udp',
  './x y',
  'true',
  'no',
  '500',
]

const read = (bytes: Uint8Array) => settle(new Map(), {}, { path: '/etc/x/server.conf', bytes })

export const target: Target = {
  files: [
    'signaling/config.js',
    'signaling/setting.js',
    'signaling/settings.js',
    'signaling/print-config.js',
    'protocol/node-setting-lines.js',
  ],
  maxBytes: 2_000,
  samples: [
    ...settings.map(({ name }, i) => Buffer.from(`${name} = ${values[i % values.length]}\n`)),
    Buffer.from('# mine\nport = 1\nturn = turn:a:1\nturn = turn:b:2,turns:c:3\n'),
    Buffer.from('prot = 1\nport = 1\nport = 2\nwhat\n'),
  ],
  words: [...settings.map(({ name }) => name), ...values, ' = ', '\n', ',', '#', '\r', '\0', '\u2028', 'config = x'],
  run(input) {
    const { found, problems } = read(input)
    holds(found.length === settings.length, 'each setting has an answer')
    for (const problem of problems) holds(/^\/etc\/x\/server\.conf:(\d+:)? .*[.?]$/s.test(problem), 'says where')
    if (problems.length > 0) return /It is|is no|needs|only|A port|STUN/.exec(problems[0]!)?.[0]
    const again = read(Buffer.from(printedConfig(found, '1')))
    holds(again.problems.length === 0, 'what is printed can be read')
    for (const [i, { value }] of found.entries())
      holds(JSON.stringify(again.found[i]!.value) === JSON.stringify(value), 'what is printed sets the same')
    return `${found.filter(({ from }) => from.startsWith('/')).length}`
  },
}
