/** Consumer of the capture ring: turns what the recorder put there into voice packets. */
import { MAX_BLOCKS, type VoiceBlock, type VoicePacket, voiceBytes } from '../../protocol/packet.js'
import type { Ring } from './ring.js'

/** What goes into one packet. */
export interface Packing {
  /** New blocks, one each 20 ms. */
  readonly together: number
  /** And again the blocks so many frames before the newest, as far as there is room. */
  readonly repeats: readonly number[]
  /** For all of it, bytes. */
  readonly room: number
}

export class Transmitter {
  #packing: Packing = { together: 1, repeats: [], room: Number.POSITIVE_INFINITY }
  #count = 0
  /** Not sent yet, the newest first. */
  #fresh: VoiceBlock[] = []
  /** Sent, the newest first. */
  #sent: VoiceBlock[] = []

  constructor(
    private readonly ring: Ring,
    /**
     * Called each 20 ms, with the packets of that moment: usually one; none while muted or while the microphone gives nothing;
     * more where blocks don't fit into one. Null: it isn't time yet, a later packet brings this moment.
     */
    private readonly send: (packets: readonly VoicePacket[] | null) => void,
  ) {}

  /** From now on. */
  pack(packing: Packing): void {
    this.#packing = packing
  }

  /** Sends all that waits. Called when the recorder rings. */
  drain(): void {
    for (let entry = this.ring.pop(); entry; entry = this.ring.pop()) {
      const { at, payload } = entry
      if (payload.length > 0) this.#fresh.unshift({ at, opus: payload })
      this.#count++
      this.send(this.#count % this.#packing.together === 0 ? this.#packets() : null)
    }
  }

  /** What was said and isn't sent yet stays here: the microphone is muted. */
  mute(): void {
    this.#fresh = []
  }

  /** Forgets all that waits: it was said before this call. */
  discard(): void {
    while (this.ring.pop()) {}
    this.#fresh = []
    this.#sent = []
  }

  #packets(): VoicePacket[] {
    const packets: VoicePacket[] = []
    while (this.#fresh.length > 0) packets.push({ kind: 'voice', blocks: this.#next() })
    return packets
  }

  /** Blocks of the oldest packet that is due. */
  #next(): VoiceBlock[] {
    const { room, repeats } = this.#packing
    const blocks = [this.#fresh.pop()!]
    const fits = (block: VoiceBlock) =>
      blocks.length < MAX_BLOCKS && voiceBytes(blocks) + voiceBytes([block]) - voiceBytes([]) <= room
    for (let block = this.#fresh.at(-1); block && fits(block); block = this.#fresh.at(-1)) {
      blocks.unshift(block)
      this.#fresh.pop()
    }
    const added = blocks.length
    for (const back of repeats) {
      const older = this.#sent.find(({ at }) => (blocks[0]!.at - at) >>> 0 === back)
      if (older && fits(older)) blocks.push(older)
    }
    this.#sent.unshift(...blocks.slice(0, added))
    this.#sent.length = Math.min(this.#sent.length, MAX_BLOCKS)
    return blocks
  }
}
