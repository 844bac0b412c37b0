/** Consumer of the capture ring: turns what the recorder put there into voice packets. */
import type { VoicePacket } from '../../protocol/packet.js'
import type { Ring } from './ring.js'

export class Transmitter {
  constructor(
    private readonly ring: Ring,
    /** Gets one packet each 20 ms; null while muted or while the microphone gives nothing. */
    private readonly send: (packet: VoicePacket | null) => void,
  ) {}

  /** Sends all that waits. Called when the recorder rings. */
  drain(): void {
    for (let entry = this.ring.pop(); entry; entry = this.ring.pop()) {
      const { at, payload } = entry
      this.send(payload.length > 0 ? { kind: 'voice', blocks: [{ at, opus: payload }] } : null)
    }
  }

  /** Forgets all that waits: it was said before this call. */
  discard(): void {
    while (this.ring.pop()) {}
  }
}
