import { readFileSync } from 'node:fs'
import t from 'tap'
import * as protocol from '../../protocol/index.js'
import { printExample } from './example.js'

const text = readFileSync(new URL('../../../protocol/PROTOCOL.md', import.meta.url), 'utf8')

t.test('the worked example in PROTOCOL.md is what the code gives', async t => {
  const shown = /<!-- example -->\n+```\n([\s\S]*?)\n```/.exec(text)?.[1]
  t.equal(shown, printExample())
})

t.test('PROTOCOL.md names each signaling message, refusal and reason', async t => {
  const types = [
    'challenge',
    'login',
    'online',
    'ice',
    'refused',
    'call',
    'presence',
    'matched',
    'pass',
    'away',
    'back',
    'leave',
  ]
  types.push('left', 'echo', 'ping', 'pong', 'restarting', 'error')
  for (const word of [...types, ...protocol.refusals, ...protocol.leaveReasons])
    t.ok(text.includes(`\`${word}\``), word)
})

t.test('PROTOCOL.md gives the numbers that the code uses', async t => {
  t.match(text, `${protocol.SEALED_BYTES} bytes`)
  t.match(text, `${protocol.FRAMES_PER_EPOCH} frames`)
  t.match(text, `${protocol.MAX_MESSAGE_BYTES} bytes`)
  t.match(text, `port ${protocol.DEFAULT_PORT}`)
  t.match(text, `at most ${protocol.MAX_BLOCKS} blocks`)
  t.match(text, `at most ${protocol.MAX_TURN_SERVERS} of \`url\``)
})
