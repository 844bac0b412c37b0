/** A machine of the simulated network with a websocket to a server that only listens, for tests. */
import type { ServerSocket } from '../../signaling/index.js'
import { VirtualClock } from '../virtual-clock.js'
import type { Access } from './host.js'
import { Network } from './network.js'
import { SeededRandom } from './seeded-random.js'

interface Heard {
  readonly messages: string[]
  readonly at: number[]
  closed: string | null
}

/** A machine, a server that takes each socket, and one socket between them, just dialled. */
export function connected(access: Access = { delayMs: 20 }, seed = 1) {
  const clock = new VirtualClock()
  const network = new Network(clock, new SeededRandom(seed))
  const host = network.host('ABC', access)
  const listen = (socket: Pick<ServerSocket, 'onMessage' | 'onClose'>): Heard => {
    const heard: Heard = { messages: [], at: [], closed: null }
    socket.onMessage = data => {
      heard.messages.push(String(data))
      heard.at.push(clock.now())
    }
    socket.onClose = (code, reason) => {
      heard.closed = `${heard.closed ?? ''}${code} ${reason}`
    }
    return heard
  }
  let accepted: ServerSocket | null = null
  let atServer: Heard = { messages: [], at: [], closed: null }
  const listener = {
    host: network.server,
    listening: true,
    accept: (socket: ServerSocket) => {
      accepted = socket
      atServer = listen(socket)
      socket.send('welcome')
    },
  }
  const socket = network.dial(host, listener)
  const atClient = listen(socket.client)
  return {
    clock,
    network,
    host,
    listener,
    socket,
    client: socket.client,
    atClient,
    server: () => accepted!,
    atServer: () => atServer,
  }
}
