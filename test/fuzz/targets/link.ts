/** A peer's link to a server that says anything at all: texts, bytes, in each of its states. */
import { ServerLink } from '../../../peer/signaling/link.js'
import { createIdentity } from '../../../protocol/identity.js'
import { encodeSignaling } from '../../../protocol/signaling.js'
import { FakeSocket } from '../../peer/signaling/fake-socket.js'
import { seeded } from '../../protocol/seeded.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'
import { fromServer } from './signaling-from-server.js'

const identity = createIdentity(seeded('identity'))
const texts = fromServer.map(encodeSignaling)
const EVENTS = /^server\.(closed|online|refused|greeted|pong|presence|matched|pass|away|back|left|restarting|error)$/
const MOST_STEPS = 60

export const target: Target = {
  files: ['peer/signaling/link.js', 'protocol/signaling.js', 'protocol/relay-leg.js'],
  maxBytes: 400,
  batch: 16,
  samples: [
    [0, 0, 1, 0, 1, 1, 2, 0, 1, 6, 3, 5, 4, 9],
    [0, 0, 1, 0, 1, 1, 1, 2, 2, 0, 1, 7, 1, 10, 6, 0],
    [0, 1, 1, 4, 0, 2, 1, 0, 5, 9, 123, 125],
    [0, 0, 1, 0, 1, 1, 2, 0, 1, 6, 4, 6, 1, 0, 0, 0, 0, 7, 7, 3],
  ].map(choices => Uint8Array.from(choices)),
  run(input) {
    const choices = new Choices(input)
    const sockets: FakeSocket[] = []
    const words = new Set<string>()
    let now = 0
    const dial = () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    }
    const parts = { dial, origin: 'ws://server.test', id: 'Abc', identity, session: new Uint8Array(16), now: () => now }
    const link = new ServerLink(parts, event => {
      holds(EVENTS.test(event.type), 'reports what the statechart knows')
      words.add(event.type)
    })
    link.onFrame = sealed => holds(sealed.length >= 1 && sealed.length <= 1_200, 'hands on frames of 1 to 1200 bytes')
    for (let n = 0, attempt = 0; n < MOST_STEPS && !choices.done; n++) {
      const what = choices.below(8)
      const socket = sockets.at(-1)
      if (what === 0 && attempt < 6) link.command({ type: 'dial', attempt: attempt++ })
      else if (what === 1) socket?.onMessage(texts[choices.byte() % texts.length]!)
      else if (what === 2) link.command({ type: 'adopt', attempt: attempt - 1 })
      else if (what === 3) link.send(new Uint8Array(1 + choices.byte()))
      else if (what === 4) socket?.onMessage(choices.bytes(choices.below(40)))
      else if (what === 5) socket?.onMessage(Buffer.from(choices.bytes(choices.byte())).toString('latin1'))
      else if (what === 6) socket?.onClose(1006, 'gone')
      else now += choices.byte() * 20
      holds((link.backlog.sockets ?? 0) <= attempt && (link.backlog.relayQueue ?? 0) <= 10, 'what waits is bounded')
    }
    link.command({ type: 'close' })
    holds(link.backlog.sockets === 0 && link.backlog.relayQueue === 0, 'nothing is left after the end')
    return [...words].sort().slice(-2).join(' ')
  },
}
