/**
 * A whole call in one process, on a virtual clock, from a seed: two real peers (statechart, handshake, sealing, rings, jitter
 * buffer) and the real server core, with only clock, randomness, network and devices replaced. A first, small world.
 */
import { InProcessAudio } from '../../peer/audio/in-process-audio.js'
import type { CallView } from '../../peer/call/view.js'
import { Peer, type PeerEnd, type PeerOptions } from '../../peer/peer.js'
import { createIdentity, type Identity } from '../../protocol/identity.js'
import type { Socket } from '../../protocol/socket.js'
import { Hub, Names } from '../../signaling/index.js'
import { VirtualClock } from '../virtual-clock.js'
import { SeededRandom } from './seeded-random.js'
import { type Heard, PLAINTEXT, virtualCodec, virtualMicrophone, virtualSpeaker } from './virtual-sound.js'
import { type LinkQuality, type VirtualWebSocket, virtualWebSocket } from './virtual-websocket.js'

const ORIGIN = 'ws://server.example:9001'

export interface Person {
  readonly peer: Peer
  readonly link: LinkQuality
  readonly identity: Identity
  readonly heard: readonly Heard[]
  readonly views: readonly CallView[]
  readonly problems: readonly string[]
  end: PeerEnd | null
  /** Cuts this one's connections to the server; both ends are told. */
  cut(): void
  /** This one's connections of now go dead and nobody is told; new ones work. */
  strand(): void
}

export class World {
  readonly clock = new VirtualClock(1_000)
  readonly random: SeededRandom
  /** Messages on the wire that hold a packet in the clear. Must stay 0. */
  leaks = 0
  /** Sizes of binary messages that a peer sent, by how many. */
  readonly sizes = new Map<number, number>()
  #hub: Hub | null
  readonly #sockets = new Set<{ readonly socket: VirtualWebSocket; readonly owner: LinkQuality }>()

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.#hub = this.#newHub()
  }

  get hub(): Hub | null {
    return this.#hub
  }

  person(
    options: Partial<PeerOptions> & { id: string; to: string },
    password: string | null,
    more: Partial<LinkQuality> & { identityOf?: Person } = {},
  ): Person {
    const { identityOf, ...link } = more
    const { clock, random } = this
    const heard: Heard[] = []
    const views: CallView[] = []
    const problems: string[] = []
    const quality: LinkQuality = { delayMs: 20, jitterMs: 0, loss: 0, dead: false, ...link }
    const identity = identityOf?.identity ?? createIdentity(random.bytes)
    const audio = new InProcessAudio({
      clock,
      codec: virtualCodec(clock, heard),
      microphone: virtualMicrophone(clock),
      speaker: virtualSpeaker(clock),
    })
    const peer = new Peer(
      {
        clock,
        random: random.bytes,
        dial: () => this.#dial(options.id, quality),
        origin: ORIGIN,
        identity,
        password,
        audio,
      },
      { route: 'auto', waitMs: null, talkMs: null, ...options },
      {
        changed: view => {
          const last = views.at(-1)
          if (!last || JSON.stringify(last) !== JSON.stringify(view)) views.push(view)
        },
        problem: problem => problems.push(problem.name),
      },
    )
    const person: Person = {
      peer,
      link: quality,
      identity,
      heard,
      views,
      problems,
      end: null,
      cut: () => this.#each(quality, socket => socket.break()),
      strand: () => this.#each(quality, socket => socket.strand()),
    }
    peer.ended.then(end => {
      person.end = end
    })
    peer.start()
    return person
  }

  /** The server process dies, with all it knew; sockets break. */
  crashServer(): void {
    this.#hub = null
    for (const { socket } of this.#sockets) socket.break()
    this.#sockets.clear()
  }

  restartServer(): void {
    this.#hub = this.#newHub()
  }

  /** Goes on, deadline by deadline; promises settle in between. */
  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    let reached = false
    this.clock.setTimeout(() => {
      reached = true
    }, ms)
    while (!reached && this.clock.step()) await settle()
    this.clock.advance(end - this.clock.now())
    await settle()
  }

  /** Goes on until `done`, at most `ms`. */
  async until(done: () => boolean, ms: number): Promise<boolean> {
    const end = this.clock.now() + ms
    while (!done() && this.clock.now() < end) await this.run(20)
    return done()
  }

  #newHub(): Hub {
    return new Hub({
      clock: this.clock,
      random: this.random.bytes,
      originAllowed: origin => origin === ORIGIN,
      names: new Names(1000),
    })
  }

  #dial(owner: string, quality: LinkQuality): Socket {
    const socket = virtualWebSocket(this.clock, this.random, quality)
    const entry = { socket, owner: quality }
    this.#sockets.add(entry)
    this.clock.setTimeout(() => {
      // A dead link answers nothing; a dead server refuses.
      if (quality.dead) return
      if (this.#hub) this.#hub.connect(socket.server, { limitKey: owner, shown: owner })
      else socket.break()
    }, 2 * quality.delayMs)
    return this.#watched(socket.client)
  }

  /** Looks at all that a peer sends. */
  #watched(socket: Socket): Socket {
    const send = socket.send.bind(socket)
    socket.send = data => {
      if (typeof data !== 'string') {
        this.sizes.set(data.length, (this.sizes.get(data.length) ?? 0) + 1)
        if (Buffer.from(data).includes(Buffer.from(PLAINTEXT))) this.leaks++
      }
      send(data)
    }
    return socket
  }

  #each(owner: LinkQuality, fault: (socket: VirtualWebSocket) => void): void {
    for (const entry of this.#sockets) {
      if (entry.owner !== owner) continue
      fault(entry.socket)
      this.#sockets.delete(entry)
    }
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await null
}

/** The longest time in which nothing of the other side was decoded, between the first and the last frame heard, ms. */
export function longestGap(heard: readonly Heard[]): number {
  let longest = 0
  let last: number | null = null
  for (const { at, frame } of heard) {
    if (frame === null) continue
    if (last !== null) longest = Math.max(longest, at - last - 20)
    last = at
  }
  return longest
}
