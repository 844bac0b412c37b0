/** Two honest channels over a network that loses, doubles and reorders as the input says: all messages come, whole, once and in order. */
import { equalBytes } from '../../../protocol/bytes.js'
import { OrderedChannel } from '../../../protocol/ordered-channel.js'
import type { OrderedPacket } from '../../../protocol/packet.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

const MOST_STEPS = 120
/** With nothing lost any more all has come after so many times 100 ms. */
const ENOUGH_ROUNDS = 400

export const target: Target = {
  files: ['protocol/ordered-channel.js'],
  maxBytes: 400,
  samples: [
    [0, 4, 1, 4, 2, 3, 2, 3],
    [0, 200, 2, 4, 5, 3, 0, 2, 4, 4, 0],
    [0, 1, 0, 80, 1, 90, 2, 2, 5, 5, 3, 4, 6, 2, 3, 3],
  ].map(choices => Uint8Array.from(choices)),
  run(input) {
    const choices = new Choices(input)
    const ends = [new End(), new End()] as const
    ends[0].hears(ends[1])
    ends[1].hears(ends[0])
    const under: { readonly to: End; readonly packet: OrderedPacket }[] = []
    const words = new Set<string>()
    let now = 0
    const send = (from: End, to: End, most: number) => {
      for (const packet of from.channel.due(now, 80, most)) under.push({ to, packet })
    }
    for (let n = 0; n < MOST_STEPS && !choices.done; n++) {
      const what = choices.below(7)
      const at = choices.byte()
      const [one, other] = at & 1 ? [ends[1], ends[0]] : ends
      now += at & 15
      if (what <= 1) one.say(at * 3)
      else if (what === 2) send(one, other, 1 + (at % 16))
      else if (under.length > 0) {
        const index = at % under.length
        const { to, packet } = under[index]!
        if (what !== 5) under.splice(index, 1) // else it comes a second time
        if (what !== 6) to.channel.receive(packet)
        words.add(['', '', '', 'came', 'came', 'doubled', 'lost'][what]!)
        now += what === 4 ? 200 : 0
      }
    }
    for (let round = 0; round < ENOUGH_ROUNDS && !(ends[0].isDone(ends[1]) && ends[1].isDone(ends[0])); round++) {
      now += 100
      send(ends[0], ends[1], 16)
      send(ends[1], ends[0], 16)
      for (const { to, packet } of under.splice(0)) to.channel.receive(packet)
    }
    for (const [one, other] of [ends, [ends[1], ends[0]] as const]) {
      holds(one.isDone(other), 'all messages come')
      holds(one.channel.waiting === 0 && other.channel.kept === 0, 'nothing is kept after that')
    }
    return [...words].sort().join(' ')
  },
}

class End {
  readonly said: Uint8Array[] = []
  #heard = 0
  #from: End | null = null
  readonly channel = new OrderedChannel(message => {
    const next = this.#from?.said[this.#heard++]
    holds(next !== undefined && equalBytes(next, message), 'messages come as they were sent, once and in order')
  })

  say(length: number): void {
    const message = new Uint8Array(length).fill(this.said.length + 1)
    if (this.channel.send(message)) this.said.push(message)
  }

  /** Whether the other one heard all. */
  isDone(other: End): boolean {
    return other.#heard === this.said.length && this.channel.waiting === 0
  }

  hears(from: End): void {
    this.#from = from
  }
}
