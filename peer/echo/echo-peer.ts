/** An echo peer: one end of a real call, by a name of its own, with an echo for a person. */
import { randomBytes } from 'node:crypto'
import type { Identity } from '../../protocol/identity.js'
import { originOf } from '../../protocol/login.js'
import { nodeAead } from '../node-aead.js'
import { NodeClock } from '../node-clock.js'
import { Peer, type PeerEnd } from '../peer.js'
import type { Connect } from '../routes/connection.js'
import { dialWebSocket } from '../signaling/websocket.js'
import { EchoAudio } from './echo-audio.js'

export interface EchoPeerOptions {
  /** The server, as a ws: or wss: URL. */
  readonly url: string
  readonly id: string
  /** Whom it calls. */
  readonly to: string
  readonly identity: Identity
  /** Makes direct connections; null: it has but the relay. */
  readonly connect: Connect | null
  /** How long it waits for the other side, and how long it talks at most, ms. */
  readonly waitMs: number
  readonly forMs: number
}

export interface EchoPeer {
  /** Settles when its call is over, for whatever reason. */
  readonly ended: Promise<PeerEnd>
  hangUp(): void
}

/** Calls at once. Throws a RangeError when `url` is none. */
export function startEchoPeer({ url, id, to, identity, connect, waitMs, forMs }: EchoPeerOptions): EchoPeer {
  const origin = originOf(url)
  if (origin === null) throw new RangeError(`"${url}" is not the address of a server`)
  const clock = new NodeClock()
  const peer = new Peer(
    {
      clock,
      random: length => new Uint8Array(randomBytes(length)),
      dial: () => dialWebSocket(url),
      origin,
      identity,
      password: null,
      audio: new EchoAudio(clock),
      connect,
      sealing: { aead: nodeAead },
    },
    { id, to, route: 'auto', waitMs, talkMs: forMs },
  )
  peer.start()
  return { ended: peer.ended, hangUp: () => peer.do({ type: 'hangUp' }) }
}
