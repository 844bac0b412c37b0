/** No nonce is used twice under one key: read from the headers of the sealed frames that leave a peer (SFrame, RFC 9605). */
import { LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { decodeSframeHeader } from '../../protocol/sframe.js'
import type { Invariant } from './invariants.js'
import type { Seen } from './world.js'

/** Chains of a call: a KID is epoch * 4 + chain. */
const CHAINS = 4
/** Frames of one chain that are remembered; a frame and its twin on the other route leave much closer together. */
const REMEMBERED = 512
const RELAY_FRAME = 1

/** A frame as it left: its header's numbers, and 6 bytes of its tag for all the rest. */
interface Left {
  readonly kid: number
  readonly counter: number
  readonly tag: number
}

export const nonces: Invariant = {
  name: 'nonces',
  watch: (_call, broken) => {
    const senders = new Map<string, SentFrames>()
    return {
      wire(seen) {
        const { from, medium, data } = seen
        if (from === 'server' || medium === 'handshake') return
        const sender = senders.get(from) ?? new SentFrames()
        senders.set(from, sender)
        if (typeof data === 'string') {
          if (data.startsWith('{"type":"pass"')) sender.agreesAnew()
          return
        }
        const sealed = sealedIn(seen)
        const words = sealed && sender.note(sealed)
        if (words) broken(`${from} ${words}`)
      },
    }
  },
}

/** The sealed frame in what a peer sent; null: there is none. */
export function sealedIn({ medium, data }: Seen): Uint8Array | null {
  if (typeof data === 'string' || medium === 'handshake') return null
  if (medium === 'direct') return data
  return data[0] === RELAY_FRAME ? data.subarray(LEG_HEADER_BYTES) : null
}

/** What one program sealed lately. */
export class SentFrames {
  #slots: (Left | undefined)[] = new Array(CHAINS * REMEMBERED)
  /** A flight of a key agreement left: counters may begin again, once. All frames of the old keys leave before those of the new. */
  #mayBeginAgain = false
  #empty = true

  agreesAnew(): void {
    this.#mayBeginAgain = !this.#empty
  }

  /** A frame leaves. Returns what is wrong with it, or null. */
  note(sealed: Uint8Array): string | null {
    const header = decodeSframeHeader(sealed)
    if (!header.ok) return `sends what has no header of SFrame: ${header.error.message}`
    const frame: Left = {
      kid: Number(header.value.kid),
      counter: Number(header.value.counter),
      tag: Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length).readUIntBE(sealed.length - 6, 6),
    }
    const problem = this.#conflict(frame)
    if (problem && !this.#mayBeginAgain) return problem
    if (problem) {
      this.#mayBeginAgain = false
      this.#slots = new Array(CHAINS * REMEMBERED)
    }
    this.#empty = false
    this.#slots[slotOf(frame)] = frame
    return null
  }

  #conflict({ kid, counter, tag }: Left): string | null {
    const there = this.#slots[slotOf({ kid, counter })]
    if (!there) return null
    if (there.kid === kid && there.counter === counter)
      return there.tag === tag ? null : `seals two different frames with KID ${kid} and counter ${counter}`
    const older = kid < there.kid || (kid === there.kid && counter < there.counter)
    return older
      ? `goes back to KID ${kid}, counter ${counter}, after KID ${there.kid}, counter ${there.counter}`
      : null
  }
}

function slotOf({ kid, counter }: Pick<Left, 'kid' | 'counter'>): number {
  return (kid % CHAINS) * REMEMBERED + (counter % REMEMBERED)
}
