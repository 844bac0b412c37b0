/** Swaps who talks to whom: agrees with each side itself and carries what they say; or changes keys or ids on the way. */
import { fromBase64url } from '../../../protocol/bytes.js'
import { MODE_BYTE } from '../../../protocol/handshake/messages.js'
import { createIdentity } from '../../../protocol/identity.js'
import { type CallKeys, Handshake, type HandshakeStep, Opener, Sealer } from '../../../protocol/index.js'
import { lv, readLv } from '../../../protocol/length-value.js'
import { carrying, flightIn } from './flights.js'
import { inPlaceOf, sealedIn } from './frames.js'
import { type Client, type MakeTrick, type Passing, pick } from './trick.js'

/** What Mallory takes a password for. */
const GUESS = '123456'

/** One of the two, and the keys that Mallory has with it. */
class Victim {
  readonly #handshake: Handshake
  #sealer: Sealer | null = null
  #opener: Opener | null = null

  constructor(
    readonly client: Client,
    handshake: Handshake,
  ) {
    this.#handshake = handshake
  }

  /** What begins the agreement with this one; null: it begins itself. */
  start(): Uint8Array | null {
    return this.#handshake.start()
  }

  hear(flight: Uint8Array, agreed: (keys: CallKeys) => void): Uint8Array | null {
    const step: HandshakeStep = this.#handshake.receive(flight)
    if (step.kind === 'done') {
      agreed(step.keys)
      this.#sealer = new Sealer(step.keys)
      this.#opener = new Opener(step.keys)
    }
    return step.kind === 'send' ? step.bytes : step.kind === 'wait' ? null : step.send
  }

  open(sealed: Uint8Array) {
    const opened = this.#opener?.open(sealed)
    return opened?.ok && opened.value.fresh ? opened.value.packet : null
  }

  seal(packet: Parameters<Sealer['seal']>[0]): Uint8Array | null {
    return this.#sealer?.seal(packet) ?? null
  }
}

/** A key agreement with each side, in the other's name. */
const betweenThem: MakeTrick = ({ random, did }) => {
  const identity = createIdentity(random.bytes)
  const victims = new Map<Client, Victim>()
  const begin = (passing: Passing, mode: Uint8Array) => {
    const { client, message } = passing
    const { other } = client
    if (message?.type !== 'pass' || !other) return
    did('stood between them')
    const callId = fromBase64url(message.callId)!
    const password = mode[0] === MODE_BYTE.password[0] ? GUESS : null
    const common = { callId, password, identity, random: random.bytes }
    victims.set(client, new Victim(client, new Handshake({ ...common, ownId: other.id, peerId: client.id })))
    const second = new Victim(other, new Handshake({ ...common, ownId: client.id, peerId: other.id }))
    victims.set(other, second)
    const first = second.start()
    if (first) other.say(carrying(passing, first))
  }
  return passing => {
    const { client, direction, pass } = passing
    if (direction === 'down') return pass()
    const flight = flightIn(passing)
    if (flight) {
      if (flight.number === 1) begin(passing, flight.fields[2]!)
      const answer = victims.get(client)?.hear(flight.bytes, ({ code }) => did(`agreed with ${client.id} on ${code}`))
      if (answer) client.say(carrying(passing, answer))
      return
    }
    const sealed = sealedIn(passing)
    const from = victims.get(client)
    const to = client.other && victims.get(client.other)
    const packet = sealed && from?.open(sealed)
    if (!packet) return pass()
    if (packet.kind === 'voice') did(`heard ${client.id}`)
    const again = to?.seal(packet)
    if (again) pass(inPlaceOf(passing, again))
  }
}

/** Its own key in the place of a side's. */
const otherKey: MakeTrick = ({ random, did }) => {
  const { publicKey } = createIdentity(random.bytes)
  const swapped = (ad: Uint8Array) => {
    const read = readLv(ad, 4)
    return read.ok ? lv(...read.value.with(2, publicKey)) : ad
  }
  return passing => {
    const { direction, pass } = passing
    const flight = direction === 'up' ? flightIn(passing) : null
    if (flight?.number === 2) {
      did('swapped the key in M2')
      pass(carrying(passing, lv(...flight.fields.with(4, swapped(flight.fields[4]!)))))
    } else if (flight?.number === 3) {
      const core = readLv(flight.fields[0]!, 4)
      if (!core.ok) return pass()
      did('swapped the key in M3')
      const changed = lv(...core.value.with(3, swapped(core.value[3]!)))
      pass(carrying(passing, lv(...flight.fields.with(0, changed))))
    } else pass()
  }
}

/** The two ids in M1 in each other's place, and another name for the other side. */
const otherIds: MakeTrick = ({ did }) => {
  return passing => {
    const { direction, message, pass } = passing
    const flight = direction === 'up' ? flightIn(passing) : null
    if (flight?.number === 1) {
      did('swapped the ids in M1')
      const { fields } = flight
      pass(carrying(passing, lv(...fields.with(5, fields[6]!).with(6, fields[5]!))))
    } else if (direction === 'down' && message?.type === 'matched') {
      did('named someone else')
      pass(JSON.stringify({ ...message, peer: 'Mallory' }))
    } else pass()
  }
}

export const swap: MakeTrick = (mallory, seed) => pick([betweenThem, otherKey, otherIds], seed)(mallory, seed)
