/** Origins: what a login is signed for, and what a server's operator names. */
import { originOf } from '../../../protocol/login.js'
import { originAt, publicOrigins } from '../../../signaling/origins.js'
import { ServerProblem } from '../../../signaling/server-problem.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['protocol/login.js', 'signaling/origins.js'],
  maxBytes: 200,
  samples: [
    'ws://localhost:9001/x',
    'WSS://Voice.Example.org:443',
    'ws://u:p@[2001:DB8::7]:80/?q',
    'fe80::1%eth0',
    'ws:///x',
  ].map(text => Buffer.from(text)),
  words: ['ws:', 'wss:', '//', ':80', ':443', '@', '%', '[', ']', '::', '0x7f.1', '\t', 'ß'],
  run(input) {
    const text = new TextDecoder().decode(input)
    const origin = originOf(text)
    let named: string[] = []
    try {
      named = publicOrigins([text])
    } catch (error) {
      if (!(error instanceof ServerProblem)) throw error
    }
    holds(origin === (named[0] ?? null), 'server and peer read the same origin')
    const at = originAt(text, 9001)
    if (at !== null) holds(originOf(at) === at, 'an address of this machine has an origin')
    if (origin === null) return at === null ? 'refused' : 'host'
    holds(originOf(origin) === origin, 'an origin is its own')
    holds(/^wss?:\/\/[^/?#@\s]+$/.test(origin), 'holds a scheme, a host and a port, and nothing else')
    return origin.startsWith('wss') ? 'wss' : 'ws'
  },
}
