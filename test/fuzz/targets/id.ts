/** Ids: from a person, or from the network. */
import { canonicalId, parseId, sameId, sideOf } from '../../../protocol/id.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['protocol/id.js'],
  maxBytes: 80,
  samples: ['ABC\nxyz', 'a.b_c-9\nA.B_C-9', '__proto__\nconstructor', '\u0130\ni', `${'x'.repeat(32)}\n`].map(text =>
    Buffer.from(text),
  ),
  words: ['\u0130', '\u212a', '\u017f', 'ABC', '.', '-', '_', '\0'],
  run(input) {
    const [a = '', b = ''] = new TextDecoder().decode(input).split('\n')
    const [one, other] = [parseId(a), parseId(b)]
    holds(sameId(a, b) === sameId(b, a) && sameId(a, a), 'being the same goes both ways')
    holds(canonicalId(canonicalId(a)) === canonicalId(a), 'is canonical once and for all')
    if (!one.ok) return 'refused'
    holds(one.value === a && a.length <= 32, 'takes it as typed, and no longer than 32')
    // Lower case is the same by each rule of Unicode, so no two programs see two ids as one.
    holds(canonicalId(a) === a.toLowerCase() && parseId(canonicalId(a)).ok, 'its canonical form is an id too')
    if (!other.ok) return 'one'
    if (sameId(a, b)) return 'same'
    holds(sideOf(a, b) !== sideOf(b, a), 'one of two is side a, the other side b')
    return sideOf(a, b)
  },
}
