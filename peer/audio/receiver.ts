/** Producer of the playout ring: hands the other side's voice to the player, in whatever order it comes. */
import type { VoicePacket } from '../../protocol/packet.js'
import type { Ring } from './ring.js'

export class Receiver {
  constructor(private readonly ring: Ring) {}

  /** Oldest block first; the player drops what it has already. */
  accept(packet: VoicePacket): void {
    for (let i = packet.blocks.length - 1; i >= 0; i--) {
      const block = packet.blocks[i]
      if (block) this.ring.push(block.at, block.opus)
    }
  }
}
