/** What a server and its echo program say to each other. */
import { isDeepStrictEqual } from 'node:util'
import { parseEchoNews, parseEchoOrder } from '../../../protocol/echo.js'
import { holds, type Target } from '../target.js'
import { jsonWords } from './signaling-from-peer.js'

const order = { do: 'call', url: 'ws://localhost:9001', id: 'echo-1', to: 'ABC', waitMs: 15_000, forMs: 60_000 }

export const target: Target = {
  files: ['protocol/echo.js'],
  maxBytes: 1_000,
  samples: [order, { event: 'ready' }, { event: 'ended', id: 'echo-1' }].map(line => Buffer.from(JSON.stringify(line))),
  words: [
    ...jsonWords,
    ...Object.entries(order).map(([key, value]) => `"${key}":${JSON.stringify(value)}`),
    '"event":',
  ],
  run(input) {
    const text = new TextDecoder().decode(input)
    const [asked, told] = [parseEchoOrder(text), parseEchoNews(text)]
    holds(!(asked.ok && told.ok), 'is an order or news, not both')
    if (asked.ok) holds(isDeepStrictEqual(asked.value, JSON.parse(text)), 'takes an order whole or not at all')
    if (told.ok) holds(isDeepStrictEqual(parseEchoNews(JSON.stringify(told.value)), told), 'reads what it writes')
    return asked.ok ? 'order' : told.ok ? told.value.event : 'refused'
  },
}
