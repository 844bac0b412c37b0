/** The four messages of the key agreement, as the server hands them over: by their form alone. */
import { equalBytes } from '../../../protocol/bytes.js'
import {
  HANDSHAKE_VERSION,
  MODE_BYTE,
  parseM1,
  parseM2,
  parseM3,
  parseM4,
  SUITE,
} from '../../../protocol/handshake/messages.js'
import { lv } from '../../../protocol/length-value.js'
import { agree } from '../../protocol/handshake/pair.js'
import { holds, type Target } from '../target.js'

const { messages } = agree()

/** Each message as it is written, from what was read of it. */
const kinds: Readonly<Record<string, (input: Uint8Array) => Uint8Array | null>> = {
  m1(input) {
    const m = parseM1(input)
    if (!m.ok) return null
    const { mode, callId, idA, idB, commit } = m.value
    return lv('h1', Uint8Array.of(HANDSHAKE_VERSION), MODE_BYTE[mode], SUITE, callId, idA, idB, commit)
  },
  m2(input) {
    const m = parseM2(input)
    if (!m.ok) return null
    const { mode, callId, point, ad, identity, hashOfM1 } = m.value
    holds(identity.length === 32 && hashOfM1.length === 64 && point.length === 32, 'has fields of their lengths')
    return lv('h2', callId, MODE_BYTE[mode], point, ad)
  },
  m3(input) {
    const m = parseM3(input)
    if (!m.ok) return null
    const { core, callId, point, ad, identity, tag, box } = m.value
    holds(identity.length === 32, 'has an identity of 32 bytes')
    holds(equalBytes(core, lv('h3', callId, point, ad)), 'its core is what it says')
    return lv(core, tag, box)
  },
  m4(input) {
    const m = parseM4(input)
    return m.ok ? lv('h4', m.value.callId, m.value.tag, m.value.box) : null
  },
}

export const target: Target = {
  files: ['protocol/handshake/messages.js', 'protocol/length-value.js'],
  maxBytes: 1100,
  samples: Object.values(messages),
  words: ['h1', 'h2', 'h3', 'h4', 'a', 'b', SUITE, Uint8Array.of(2, 0x68)],
  // Fields of their lengths, or nearly: what is in them is not looked at here.
  make: random => {
    const near = (length: number) => random.bytes(random.chance(0.9) ? length : length + random.below(3) - 1)
    const mode = Uint8Array.of(random.below(3))
    switch (random.below(4)) {
      case 0:
        return lv('h1', Uint8Array.of(1), mode, SUITE, near(16), near(3), near(3), near(32))
      case 1:
        return lv('h2', near(16), mode, near(32), lv('b', near(32), near(32), near(64)))
      case 2:
        return lv(lv('h3', near(16), near(32), lv('a', near(32), near(32))), near(32), near(80))
      default:
        return lv('h4', near(16), near(32), near(80))
    }
  },
  run(input) {
    const read = Object.entries(kinds).flatMap(([kind, parse]) => {
      const again = parse(input)
      if (!again) return []
      holds(equalBytes(again, input), `writes the ${kind} that it read as it was`)
      return [kind]
    })
    holds(read.length <= 1, 'is one message at most')
    return read[0] ?? 'refused'
  },
}
