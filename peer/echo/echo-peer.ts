/** An echo peer: one end of a real call, by a name of its own, with an echo for a person. */
import type { Identity } from '../../protocol/identity.js'
import { nodeParts } from '../node-parts.js'
import { Peer, type PeerEnd } from '../peer.js'
import type { Connect } from '../routes/connection.js'
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
  const parts = nodeParts(url)
  if (parts === null) throw new RangeError(`"${url}" is not the address of a server`)
  const peer = new Peer(
    { ...parts, identity, password: null, audio: new EchoAudio(parts.clock), connect },
    { id, to, route: 'auto', waitMs, talkMs: forMs },
  )
  peer.start()
  return { ended: peer.ended, hangUp: () => peer.do({ type: 'hangUp' }) }
}
