/** Says what nobody said: that the other side left, frames that are none or of another call, messages without sense and without end. */
import { toBase64url } from '../../../protocol/bytes.js'
import { SEALED_BYTES } from '../../../protocol/sealing.js'
import { encodeSframeHeader } from '../../../protocol/sframe.js'
import { legAck } from '../../leg-message.js'
import { inPlaceOf, sealedIn } from './frames.js'
import { type MakeTrick, type Passing, pick, type Trick } from './trick.js'

/** With every so many-th frame that goes to a peer, something more is said. */
const besideFrames = (every: number, more: (passing: Passing, callId: string) => void): Trick => {
  let seen = 0
  let callId = ''
  return passing => {
    const { direction, message, pass } = passing
    if (message?.type === 'matched') callId = message.callId
    pass()
    if (direction === 'down' && sealedIn(passing) && ++seen % every === 0) more(passing, callId)
  }
}

const lies: MakeTrick = ({ random, did }) => {
  const reasons = ['hungUp', 'unverified', 'noRoute', 'vanished', 'failed']
  return besideFrames(20, ({ client }, callId) => {
    const told = pick<object>(
      [
        { type: 'left', callId, reason: pick(reasons, Math.floor(random.between(0, 5))) },
        { type: 'away', callId },
        { type: 'back', callId },
        { type: 'presence', to: client.other?.id ?? 'XYZ', state: 'busy' },
        { type: 'left', callId: toBase64url(random.bytes(16)), reason: 'hungUp' },
        { type: 'error', name: 'notInCall', message: 'You are in no call.' },
      ],
      Math.floor(random.between(0, 6)),
    )
    did('lied about the call')
    client.say(JSON.stringify(told))
  })
}

const frames: MakeTrick = ({ random, did }) => {
  return besideFrames(1, passing => {
    const { client } = passing
    const true_ = sealedIn(passing)!
    const header = encodeSframeHeader(
      BigInt(Math.floor(random.between(0, 40))),
      BigInt(Math.floor(random.between(0, 70_000))),
    )
    const forged = pick(
      [
        random.bytes(SEALED_BYTES),
        Uint8Array.of(...header, ...random.bytes(SEALED_BYTES - header.length)),
        true_.map((byte, i) => (i === 60 ? byte ^ 1 : byte)),
        random.bytes(Math.ceil(random.between(0, 1_200))),
      ],
      Math.floor(random.between(0, 4)),
    )
    did('made up frames')
    client.say(inPlaceOf(passing, forged))
  })
}

const nonsense: MakeTrick = ({ random, did }) => {
  return besideFrames(10, ({ client }, callId) => {
    did('talked nonsense')
    client.say(
      pick<string | Uint8Array>(
        [
          '',
          '{',
          'null',
          '{"type":"__proto__"}',
          '{"type":"matched"}',
          ' '.repeat(16_000),
          JSON.stringify({ type: 'pass', callId, data: toBase64url(random.bytes(500)) }),
          JSON.stringify({
            type: 'ice',
            stunPort: 1,
            turn: [{ url: 'turn:nowhere.test:1', username: 'x', credential: 'y' }],
          }),
          random.bytes(Math.ceil(random.between(0, 2_000))),
          legAck(0xffff_fffe),
        ],
        Math.floor(random.between(0, 10)),
      ),
    )
  })
}

/** As much as goes through, for as long as the call lasts. */
const flood: MakeTrick = ({ random, did }) => {
  return besideFrames(1, passing => {
    did('flooded')
    for (let n = 0; n < 40; n++) passing.client.say(inPlaceOf(passing, random.bytes(SEALED_BYTES)))
    passing.client.say(JSON.stringify({ type: 'pong', n: 1 }))
  })
}

/** A message that is larger than any may be. */
const giant: MakeTrick = ({ did }) => {
  let sent = false
  return besideFrames(50, ({ client }) => {
    if (sent) return
    sent = true
    did('said too much at once')
    client.say(new Uint8Array(1 << 20))
  })
}

/** That there is a new call, in mid-call, to one of the two. */
const newCall: MakeTrick = ({ random, did }) => {
  let sent = false
  return besideFrames(60, ({ client }) => {
    if (sent) return
    sent = true
    did('called a new call')
    client.say(
      JSON.stringify({
        type: 'matched',
        callId: toBase64url(random.bytes(16)),
        peer: client.other?.id ?? '',
        resumed: false,
      }),
    )
  })
}

/** Words that a terminal would obey: to clear the screen and write what only the program itself may say. */
const paint: MakeTrick = ({ did }) => {
  return ({ client, direction, message, pass }) => {
    pass()
    if (direction === 'up' || message?.type !== 'online') return
    did('painted on the terminal')
    const escapes = 'Look:\u001b[2J\u001b[1;1H\u009b1mVerified.\r\n\u202eyletarapes'
    for (let n = 0; n < 500; n++) client.say(JSON.stringify({ type: 'error', name: 'painted', message: escapes }))
  }
}

export const inject: MakeTrick = (mallory, seed) =>
  pick([lies, frames, nonsense, flood, giant, newCall, paint], seed)(mallory, seed)
