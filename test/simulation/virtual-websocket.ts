/** A websocket in the simulated world: two ordered streams that are late, stall for a lost segment, go dead, and break. */
import type { Clock } from '../../protocol/clock.js'
import type { Socket } from '../../protocol/socket.js'
import type { SeededRandom } from './seeded-random.js'

export interface LinkQuality {
  /** One way, ms; each message is late by a further 0 to `jitterMs`. */
  delayMs: number
  jitterMs: number
  /** Share of messages whose segment is lost: TCP brings it, and all behind it, a retransmission later. */
  loss: number
  /** Nothing passes, and nobody is told: a cable pulled out. */
  dead: boolean
}

/** What a lost segment costs beside two ways more: TCP's shortest retransmission timer, ms. */
const RETRANSMISSION_MS = 200

interface End extends Socket {
  open: boolean
}

export interface VirtualWebSocket {
  readonly client: Socket
  readonly server: Socket
  /** Cuts the connection; each end hears of it one way later. */
  break(): void
  /** From now on nothing passes, and nobody is told. */
  strand(): void
}

export function virtualWebSocket(clock: Clock, random: SeededRandom, quality: LinkQuality): VirtualWebSocket {
  let stranded = false
  /** Runs in order on one way: nothing overtakes. */
  const way = () => {
    let last = 0
    return (run: () => void) => {
      const late = random.chance(quality.loss) ? RETRANSMISSION_MS + 2 * quality.delayMs : 0
      last = Math.max(last, clock.now() + quality.delayMs + random.between(0, quality.jitterMs) + late)
      clock.setTimeout(() => {
        if (!quality.dead && !stranded) run()
      }, last - clock.now())
    }
  }
  const end = (send: (run: () => void) => void, other: () => End): End => ({
    open: true,
    onMessage: () => {},
    onClose: () => {},
    send(data) {
      const copy = typeof data === 'string' ? data : data.slice()
      if (this.open) send(() => other().open && other().onMessage(copy))
    },
    close(code = 1000, reason = '') {
      if (!this.open) return
      send(() => shut(other(), code, reason))
      clock.setTimeout(() => shut(this, code, reason), 0)
    },
    terminate() {
      if (!this.open) return
      send(() => shut(other(), 1006, ''))
      clock.setTimeout(() => shut(this, 1006, ''), 0)
    },
  })
  const shut = (socket: End, code: number, reason: string) => {
    if (!socket.open) return
    socket.open = false
    socket.onClose(code, reason)
  }
  const client: End = end(way(), () => server)
  const server: End = end(way(), () => client)
  return {
    strand() {
      stranded = true
    },
    client,
    server,
    break() {
      clock.setTimeout(() => shut(client, 1006, 'cut'), quality.delayMs)
      clock.setTimeout(() => shut(server, 1006, 'cut'), quality.delayMs)
    },
  }
}
