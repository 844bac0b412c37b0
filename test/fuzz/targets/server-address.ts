/** The address of a server, as people write it. */
import { CommandProblem } from '../../../peer/terminal/problem.js'
import { isLoopback, localPort, serverUrl } from '../../../peer/terminal/server-address.js'
import { originOf } from '../../../protocol/login.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['peer/terminal/server-address.js'],
  maxBytes: 200,
  samples: [
    'ws://localhost:9001',
    'wss://voice.example.org',
    'https://voice.example.org/path?x=1',
    'voice.example.org',
    '192.168.1.7:9001/calls',
    'ws://[2001:db8::7]:9001',
    '[::1]',
    'ws://me@host',
    'ws://host#x',
    '9001',
  ].map(text => Buffer.from(text)),
  words: [
    'ws://',
    'wss://',
    'http://',
    'file://',
    ':',
    '@',
    '#',
    '?',
    '/',
    '\\',
    '[',
    ']',
    '%00',
    '\t',
    'xn--',
    '..',
    'ſ',
    '。',
  ],
  run(input) {
    const text = new TextDecoder().decode(input)
    let word = 'address'
    try {
      const href = serverUrl(text)
      const { protocol, username, password, hash, hostname } = new URL(href)
      holds(protocol === 'ws:' || protocol === 'wss:', 'is the address of a websocket')
      holds(username === '' && password === '' && hash === '', 'has no user, no password, no part')
      holds(originOf(href) !== null, 'has an origin to sign')
      holds(serverUrl(href) === href, 'means the same when it is given again')
      word = isLoopback(hostname) ? 'loopback' : protocol
    } catch (error) {
      if (!(error instanceof CommandProblem)) throw error
      word = error.name
    }
    try {
      const port = localPort({ VOICECHAT_PORT: text })
      holds(Number.isInteger(port) && port >= 1 && port <= 65535, 'is a port')
      return `${word} port`
    } catch (error) {
      if (!(error instanceof CommandProblem)) throw error
      return word
    }
  },
}
