/** The round trip between the two peers, from the times that status packets carry there and back. */
import type { StatusPacket } from '../../protocol/packet.js'

const WRAP = 2 ** 32

export class RoundTrip {
  /** The newest measure, ms; null until there is one. */
  ms: number | null = null
  #heard: { sentAt: number; at: number } | null = null

  /** A status came at `now` (ms, own clock). */
  note(status: StatusPacket, now: number): void {
    this.#heard = { sentAt: status.sentAt, at: now }
    if (status.echo === 0 || status.held === 65535) return
    const passed = (wrapped(now) - status.echo + WRAP) % WRAP
    const rtt = passed - status.held
    if (rtt >= 0 && rtt < 60_000) this.ms = rtt
  }

  /** What the next status, sent at `now`, says of time. */
  stamp(now: number): Pick<StatusPacket, 'sentAt' | 'echo' | 'held'> {
    const heard = this.#heard
    return {
      sentAt: wrapped(now),
      echo: heard?.sentAt ?? 0,
      held: heard ? Math.min(65535, Math.round(now - heard.at)) : 0,
    }
  }
}

/** Never 0: that says "none". */
function wrapped(now: number): number {
  return Math.round(now) % WRAP || 1
}
