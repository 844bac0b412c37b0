/**
 * The key agreement from each of its states. The messages are always the same ones, so only those lead to keys; whatever else comes ends it
 * for good.
 */
import { equalBytes } from '../../../protocol/bytes.js'
import type { Handshake, HandshakeStep } from '../../../protocol/index.js'
import { agree, sideA, sideB } from '../../protocol/handshake/pair.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

const { m1, m2, m3, m4 } = agree().messages
const messages = [m1, m2, m3, m4]
const [EDIT, CUT, RAW] = [1, 2, 3]

/** An input: the side, then messages. One of the four as it is, with a byte changed, or cut off; or bytes of the input's own. */
function* messagesIn(choices: Choices): Generator<Uint8Array> {
  while (!choices.done) {
    const what = choices.byte()
    const message = messages[what & 3]!.slice()
    const change = (what >> 2) & 3
    if (change === RAW) yield choices.bytes(choices.u16() % 600)
    else if (change === CUT) yield message.slice(0, choices.byte())
    else {
      if (change === EDIT) message[choices.byte() % message.length]! ^= choices.byte()
      yield message
    }
  }
}

export const target: Target = {
  files: ['handshake', 'initiator', 'responder', 'messages', 'key-schedule'].map(
    file => `protocol/handshake/${file}.js`,
  ),
  maxBytes: 700,
  batch: 16,
  samples: [
    [0, 1, 3],
    [1, 0, 2],
    [1, 0, 0, 2, 2],
    [0, 1, 1, 3, 3, 1],
    [0, 5, 60, 1],
    [1, 4, 66, 9],
    [1, 0, 6, 50],
  ].map(choices => Uint8Array.from(choices)),
  run(input) {
    const choices = new Choices(input)
    const isA = choices.below(2) === 0
    const side = isA ? sideA() : sideB()
    const honest = isA ? [m2, m4] : [m1, m3]
    holds(isA === (side.start() !== null), 'side a begins')
    const words: string[] = []
    let [good, over, seen] = [0, false, 0]
    for (const message of messagesIn(choices)) {
      if (++seen > 6) break
      const step = side.receive(message)
      words.push(wordOf(step))
      if (step.kind === 'done') {
        holds(!over && good === 1 && equalBytes(message, honest[1]!), 'only the honest messages lead to keys')
        over = true
      } else if (step.kind === 'failed') {
        holds(!over || step.reason === 'unexpected', 'after the end nothing is expected')
        over = true
      } else if (!over && good === 0 && equalBytes(message, honest[0]!)) good = 1
      holds(!(over && side.awaitsConfirmation) || words.some(word => word.startsWith('failed')), 'keys are confirmed')
      repeats(side, message, step)
    }
    return words.slice(0, 3).join(' ')
  },
}

/** The same message again gets the same answer, or none. */
function repeats(side: Handshake, message: Uint8Array, step: HandshakeStep): void {
  const again = side.receive(message)
  if (step.kind === 'failed' && step.reason === 'unexpected') {
    holds(again.kind === 'failed' && again.reason === 'unexpected', 'what is unexpected stays so')
    return
  }
  const first = step.kind === 'wait' ? null : step.kind === 'send' ? step.bytes : step.send
  if (first === null) holds(again.kind === 'wait', 'what had no answer has none when it is repeated')
  else holds(again.kind === 'send' && equalBytes(again.bytes, first), 'what is repeated gets the same answer')
}

function wordOf(step: HandshakeStep): string {
  return step.kind === 'failed' ? `failed:${step.reason}` : step.kind
}
