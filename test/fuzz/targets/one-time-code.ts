/** Codes of one-time calls, as people type them. */
import { parseCode, printCode } from '../../../peer/terminal/one-time/code.js'
import { counterpartOf, isRendezvous, MAX_RENDEZVOUS, rendezvousIds } from '../../../protocol/rendezvous.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['peer/terminal/one-time/code.js', 'protocol/rendezvous.js'],
  maxBytes: 120,
  batch: 64,
  samples: [
    '7-orbit-maple',
    ' 999999 ORBI mapl ',
    '7 zoo zoo',
    '7-act-actor',
    '0-orbit-maple',
    '7–orbit‐maple',
    '7.a',
    '7-orbt-maple',
  ].map(text => Buffer.from(text)),
  words: ['-', ' ', 'orbit', 'zoo', 'acti', '\u2010', '\u00a0', 'ﬁ', '７', '\u0307', '999999', '1000000', '.b'],
  run(input) {
    const text = new TextDecoder().decode(input)
    holds(
      isRendezvous(text) === (counterpartOf(text) !== null),
      'a rendezvous id has another side, and no other id has',
    )
    const other = counterpartOf(text)
    if (other !== null)
      holds(counterpartOf(other)?.toLowerCase() === text.toLowerCase(), 'the other side of the other is this one')
    const code = parseCode(text)
    if (!code.ok) {
      holds(code.error.message.length < 200, 'says in few words what is wrong')
      return /A code|Did you|is no word/.exec(code.error.message)?.[0]
    }
    const { number, words } = code.value
    holds(number >= 1 && number <= MAX_RENDEZVOUS && /^[a-z]+-[a-z]+$/.test(words), 'is a number and two words')
    const again = parseCode(printCode(code.value))
    holds(again.ok && printCode(again.value) === printCode(code.value), 'reads what it prints')
    const { inviter, guest } = rendezvousIds(number)
    holds(counterpartOf(inviter) === guest && isRendezvous(guest), 'its two ids are a pair')
    return 'code'
  },
}
