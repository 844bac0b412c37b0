/** Two machines of the simulated network and a direct connection between them, without a call. */
import type { Connection, Signal } from '../../peer/routes/connection.js'
import { VirtualClock } from '../virtual-clock.js'
import type { Access, Host } from './host.js'
import type { NatKind } from './nat.js'
import { Network } from './network.js'
import { SeededRandom } from './seeded-random.js'
import { virtualConnect } from './virtual-connection.js'

export interface Side {
  readonly host: Host
  connection: Connection
  readonly got: number[]
  openAt: number | null
  failedAt: number | null
  why: string
}

/** Both sides have been started; what they signal takes 80 ms. */
export function pair(nats: readonly [NatKind, NatKind], access: Access = { delayMs: 20 }, seed = 1, stalls = true) {
  const clock = new VirtualClock()
  const random = new SeededRandom(seed)
  const network = new Network(clock, random)
  const side = (name: string, nat: NatKind): Side => {
    const host = network.host(name, access, nat)
    return { host, connection: null as unknown as Connection, got: [], openAt: null, failedAt: null, why: '' }
  }
  const a = side('a', nats[0])
  const b = side('b', nats[1])
  const connect = (own: Side, other: Side) => {
    const engine = virtualConnect({ network, host: own.host, random: random.fork(own.host.name), stalls })
    const events = {
      signal: (signal: Signal) => void clock.setTimeout(() => other.connection.signal(signal), 80),
      open: () => {
        own.openAt = clock.now()
      },
      message: (bytes: Uint8Array) => own.got.push(bytes[0]!),
      failed: (why: string) => {
        own.failedAt = clock.now()
        own.why = why
      },
    }
    own.connection = engine(events, [])
  }
  /** Once more, from the beginning. */
  const start = () => {
    connect(a, b)
    connect(b, a)
    b.connection.start(false)
    a.connection.start(true)
  }
  start()
  return { clock, network, a, b, start }
}
