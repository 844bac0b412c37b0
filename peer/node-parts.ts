/** What every peer on Node is made of, whatever its sound and its keys. Node's alone. */
import { originOf } from '../protocol/login.js'
import { nodeVerify } from '../protocol/node-ed25519.js'
import { nodeRandom } from '../protocol/node-random.js'
import { nodeAead } from './node-aead.js'
import { NodeClock } from './node-clock.js'
import type { PeerParts } from './peer.js'
import { dialWebSocket } from './signaling/websocket.js'

type NodeParts = Required<Pick<PeerParts, 'clock' | 'random' | 'dial' | 'origin' | 'sealing' | 'verify'>>

/**
 * For the server at `url`; null where that is no address of one. `onNoServer` is told why an attempt to dial it fails, as the end of a
 * sentence.
 */
export function nodeParts(url: string, onNoServer?: (why: string) => void): NodeParts | null {
  const origin = originOf(url)
  if (origin === null) return null
  return {
    clock: new NodeClock(),
    random: nodeRandom,
    // Of another server that can't be reached nobody needs to hear: the one that was given is there.
    dial: other => (other === undefined ? dialWebSocket(url, onNoServer) : dialWebSocket(other)),
    origin,
    sealing: { aead: nodeAead },
    verify: nodeVerify,
  }
}
