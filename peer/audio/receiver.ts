/** Producer of the playout ring: hands the other side's voice to the player, in whatever order it comes. */
import type { VoicePacket } from '../../protocol/packet.js'
import type { Ring } from './ring.js'

/** Farther than any gap that the player takes for the same stretch of voice, frames: 20 s. */
const APART = 1000
const NOTHING = new Uint8Array(0)

export class Receiver {
  /** What turns the sender's count into the player's, which goes on from one sender to the next. */
  #offset: number | null = 0
  #newest = 0

  constructor(private readonly ring: Ring) {}

  /** The next packet is of another count: the other side agreed on new keys, and may be a new program. */
  restart(): void {
    this.#offset = null
  }

  /** Oldest block first; the player drops what it has already. */
  accept(packet: VoicePacket): void {
    for (let i = packet.blocks.length - 1; i >= 0; i--) {
      const block = packet.blocks[i]
      if (!block) continue
      this.#offset ??= this.#newest + APART - block.at
      const at = (block.at + this.#offset) >>> 0
      if (((at - this.#newest) | 0) > 0) this.#newest = at
      this.ring.push(at, block.opus)
    }
  }

  /** The other side says that no voice comes for now: what is missing from here on is not lost. */
  pause(): void {
    this.ring.push(0, NOTHING)
  }
}
