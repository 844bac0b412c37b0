/** Each invariant finds what it is there for: a part of the production code is broken, and the call goes on with it. */
import { createDecipheriv } from 'node:crypto'
import t from 'tap'
import { JitterBuffer } from '../../peer/audio/jitter-buffer.js'
import { Recorder } from '../../peer/audio/recorder.js'
import { callMachine } from '../../peer/call/machine.js'
import { nodeAead } from '../../peer/node-aead.js'
import { Peer } from '../../peer/peer.js'
import { DirectRoute } from '../../peer/routes/direct.js'
import { Lateness } from '../../peer/session/lateness.js'
import { Session } from '../../peer/session/session.js'
import { ServerLink } from '../../peer/signaling/link.js'
import { ContactsInMemory } from '../../peer/trust/contacts.js'
import { TAG_BYTES } from '../../protocol/aead.js'
import { OrderedChannel } from '../../protocol/ordered-channel.js'
import { ReplayWindow } from '../../protocol/replay-window.js'
import { ok } from '../../protocol/result.js'
import { Opener, Sealer } from '../../protocol/sealing.js'
import { SframeKey } from '../../protocol/sframe.js'
import { Lobby } from '../../signaling/lobby.js'
import { patch } from './broken.js'
import { play } from './play.js'
import { parseScenario } from './scenario.js'

const relay = { people: { ABC: { route: 'relay' } } }
const directDies = { at: 3_000, kind: 'directDies', way: 'both', forMs: 4_000 }
const queue = { rateKbps: 20, queueMs: 1_500 }
const tamper = (how: string) => ({ at: 500, kind: 'tamper', who: 'ABC', how, every: 2, forMs: 2_000 })

/** The statechart with other delays or guards. */
const rebuilt = (change: object) => patch(callMachine, 'provide', (provide, parts) => provide({ ...parts, ...change }))

/** What is broken, which invariant finds it, how to break it, and in which call (3 s and nothing goes wrong, unless said). */
const cases: readonly (readonly [what: string, finds: string, breaks: () => () => void, scenario?: object])[] = [
  [
    'a sealer that leaves voice in the clear',
    'noPlaintext',
    () =>
      patch(Sealer.prototype, 'seal', (seal, packet) => {
        const sealed = seal(packet)
        if (packet.kind === 'voice') sealed.set(packet.blocks[0]?.opus.subarray(0, 40) ?? [], 30)
        return sealed
      }),
  ],
  [
    'a key whose counter stands still',
    'nonces',
    () => patch(SframeKey.prototype, 'seal', (seal, _counter, ...rest) => seal(7n, ...rest)),
  ],
  [
    'a replay window that takes everything for fresh',
    'authentic',
    () => patch(ReplayWindow.prototype, 'mark', () => true),
    { ...relay, faults: [tamper('replay')] },
  ],
  [
    'a cipher that does not look at the tag',
    'authentic',
    () =>
      patch(nodeAead, 'open', (_open, key, nonce, _aad, sealed) => {
        const start = Buffer.concat([nonce, Uint8Array.of(0, 0, 0, 2)])
        return new Uint8Array(createDecipheriv('aes-256-ctr', key, start).update(sealed.subarray(0, -TAG_BYTES)))
      }),
    { ...relay, faults: [tamper('flip')] },
  ],
  [
    'a jitter buffer that plays some packets twice',
    'heardOnce',
    () => {
      let n = 0
      let last: ReturnType<JitterBuffer['next']> | null = null
      return patch(JitterBuffer.prototype, 'next', (next, nowMs) => {
        if (++n % 50 > 0 || last?.kind !== 'packet') last = next(nowMs)
        return last
      })
    },
  ],
  [
    'a jitter buffer that waits',
    'gap',
    () => {
      let n = 0
      return patch(JitterBuffer.prototype, 'next', (next, nowMs) =>
        ++n % 300 > 250 ? { kind: 'silence', samples: 960, muted: false } : next(nowMs),
      )
    },
    { lengthMs: 8_000 },
  ],
  [
    'a doubt that never comes',
    'gap',
    () => rebuilt({ delays: { doubt: 100_000 } }),
    { lengthMs: 6_000, faults: [directDies] },
  ],
  [
    'a direct route that counts as heard however late it brings all',
    'gap',
    () => patch(Lateness.prototype, 'note', () => {}),
    { lengthMs: 6_000, faults: [{ at: 3_000, kind: 'directWorse', way: 'both', quality: queue, forMs: 2_000 }] },
  ],
  [
    'a side that asks for both routes because it is asked',
    'directAlone',
    () =>
      patch(Session.prototype, 'sendOn', (sendOn, sending) =>
        sendOn({ ...sending, doubt: sending.doubt || sending.voice.length > 1 }),
      ),
    { lengthMs: 20_000, faults: [{ ...directDies, forMs: 250 }] },
  ],
  [
    'names of problems without end',
    'bounded',
    () => {
      let n = 0
      return patch(Opener.prototype, 'open', (open, bytes) => {
        const opened = open(bytes)
        if (!opened.ok) Object.assign(opened.error, { name: `problem ${n++}` })
        return opened
      })
    },
    { ...relay, faults: [tamper('noise')] },
  ],
  [
    'sockets that are not given up when another is tried',
    'bounded',
    () =>
      patch(ServerLink.prototype, 'command', (order, command) => {
        if (command.type !== 'abandon') order(command)
      }),
    { lengthMs: 40_000, faults: [{ at: 3_000, kind: 'partition', between: 'ABC-server', forMs: 35_000 }] },
  ],
  [
    'a lobby that matches nobody',
    'connects',
    () => patch(Lobby.prototype, 'call', () => ok([])),
    { ...relay, lengthMs: 50_000 },
  ],
  [
    'a limit of talking that nobody asked for',
    'ownReason',
    () => rebuilt({ guards: { wantsLimit: () => true }, delays: { talk: 1_000 } }),
  ],
  [
    'a goodbye that is lost, sealed and by the server',
    'agreedEnd',
    () => {
      const bye = patch(Session.prototype, 'bye', () => {})
      const leave = patch(Lobby.prototype, 'leave', (leave, id, reason) =>
        leave(id, reason).filter(effect => effect.kind !== 'tell'),
      )
      return () => {
        bye()
        leave()
      }
    },
  ],
  ['a program that is deaf to its person', 'allEnd', () => patch(Peer.prototype, 'do', () => {})],
  ['a direct connection that is not closed', 'quietAfterEnd', () => patch(DirectRoute.prototype, 'close', () => {})],
  [
    'a microphone that goes on when it is muted',
    'muted',
    () => patch(Recorder.prototype, 'setMuted', () => {}),
    { faults: [{ at: 1_500, kind: 'mute', who: 'ABC' }] },
  ],
  [
    'a side that does not say to which call it comes back',
    'keysKept',
    () =>
      patch(ServerLink.prototype, 'command', (order, command) => {
        if (command.type !== 'tell' || command.message.type !== 'call') return order(command)
        order({ type: 'tell', message: { type: 'call', to: command.message.to } })
      }),
    { lengthMs: 6_000, faults: [{ at: 3_000, kind: 'cut', who: 'ABC' }] },
  ],
  [
    'negotiation that is said twice',
    'ordered',
    () =>
      patch(OrderedChannel.prototype, 'send', (send, message) => {
        send(message)
        return send(message)
      }),
  ],
  [
    'a goodbye that the server alone tells',
    'goodbye',
    () => patch(Session.prototype, 'bye', (bye, reason, answer) => answer && bye(reason, answer)),
    { lengthMs: 8_000 },
  ],
  [
    'a direct route that hears nothing of the other side',
    'goesDirect',
    () => patch(DirectRoute.prototype, 'hear', () => {}),
    { lengthMs: 60_000 },
  ],
  [
    'a program that asks the server again and again',
    'polite',
    () =>
      patch(ServerLink.prototype, 'command', (order, command) => {
        for (let n = 0; n < 100 && command.type === 'tell'; n++) order({ type: 'tell', message: { type: 'ping', n } })
        order(command)
      }),
  ],
  [
    'a program that looks nobody up',
    'pinned',
    () => patch(ContactsInMemory.prototype, 'find', () => null),
    { changedKey: 'XYZ' },
  ],
  [
    'a side b that goes on with a key that it does not know',
    'pinned',
    () => patch(ContactsInMemory.prototype, 'find', (find, id) => (id === 'ABC' ? null : find(id))),
    { ...relay, changedKey: 'ABC' },
  ],
  ['a lobby that remembers who went', 'serverForgets', () => patch(Lobby.prototype, 'offline', () => [])],
]

for (const [what, finds, breaks, scenario] of cases)
  t.test(`${finds} finds ${what}`, async t => {
    const parsed = parseScenario(JSON.stringify({ seed: 1, lengthMs: 3_000, ...scenario }))
    if (!parsed.ok) throw new Error(parsed.error.message)
    t.strictSame((await play(parsed.value)).violations, [], 'whole')
    const undo = breaks()
    t.teardown(undo)
    const { violations } = await play(parsed.value)
    const found = violations.map(({ invariant }) => invariant)
    t.ok(found.includes(finds), `found by ${found.join(', ') || 'nothing'}`)
    t.comment(violations.map(({ invariant, words }) => `${invariant}: ${words}`).join('; '))
  })
