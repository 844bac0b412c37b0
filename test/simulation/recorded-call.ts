/** A simulated call of which one side is written down as `--inspect` does. */
import { InProcessAudio } from '../../peer/audio/in-process-audio.js'
import { Peer } from '../../peer/peer.js'
import { createIdentity } from '../../protocol/identity.js'
import { virtualCodec, virtualMicrophone, virtualSpeaker } from './virtual-sound.js'
import { type VirtualWebSocket, virtualWebSocket } from './virtual-websocket.js'
import type { World } from './world.js'

export interface RecordedPerson {
  readonly peer: Peer
  /** What `--inspect` would have written so far. */
  text(): string
  /** Cuts this one's connections to the server. */
  cut(): void
}

/** ABC, who calls XYZ in this world, with the password given. */
export function recordedPerson(world: World, password: string | null): RecordedPerson {
  const { clock, random } = world
  const sockets = new Set<VirtualWebSocket>()
  const written: string[] = []
  const link = { delayMs: 20, jitterMs: 0, loss: 0, dead: false }
  const dial = () => {
    const socket = virtualWebSocket(clock, random, link)
    sockets.add(socket)
    clock.setTimeout(() => {
      if (world.hub) world.hub.connect(socket.server, { limitKey: 'ABC', shown: 'ABC' })
      else socket.break()
    }, 2 * link.delayMs)
    return socket.client
  }
  const codec = virtualCodec(clock, [])
  const devices = { microphone: virtualMicrophone(clock), speaker: virtualSpeaker(clock) }
  const audio = new InProcessAudio({ clock, codec, ...devices })
  const identity = createIdentity(random.bytes)
  const peer = new Peer(
    { clock, random: random.bytes, dial, origin: 'ws://server.example:9001', identity, password, audio },
    { id: 'ABC', to: 'XYZ', route: 'auto', waitMs: null, talkMs: null },
    { inspect: { version: '0.0.0', write: line => void written.push(`${JSON.stringify(line)}\n`) } },
  )
  peer.start()
  return {
    peer,
    text: () => written.join(''),
    cut: () => {
      for (const socket of sockets) socket.break()
      sockets.clear()
    },
  }
}
