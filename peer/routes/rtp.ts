/**
 * Sealed frames as RTP packets (RFC 3550, section 5.1). Nothing in the header depends on what the frame is: numbers go up by one packet
 * and by one frame of time, whenever and whatever is sent.
 */

const HEADER_BYTES = 12
/** Version 2; no padding, no extension, no contributing sources. */
const FIRST_BYTE = 0x80
/** Of the numbers that are given at each connection anew (RFC 3551, section 3). No marker bit. */
export const PAYLOAD_TYPE = 107
/** 20 ms at 48 kHz. */
const TICKS = 960
/** With header, SRTP's tag, UDP and IPv6 it is still within the least MTU of IPv6, 1280 bytes. */
export const MAX_PAYLOAD_BYTES = 1200

/** What one side of one connection sends. */
export class RtpStream {
  readonly #source: number
  #sequence: number
  #timestamp: number

  constructor() {
    const [source = 0, sequence = 0, timestamp = 0] = crypto.getRandomValues(new Uint32Array(3))
    this.#source = source
    // In the lower half: whoever misses the first packets would otherwise miss that the number began anew (RFC 3711, section 3.3.1).
    this.#sequence = sequence & 0x7fff
    this.#timestamp = timestamp
  }

  pack(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    const packet = new Uint8Array(HEADER_BYTES + payload.length)
    const header = new DataView(packet.buffer)
    header.setUint8(0, FIRST_BYTE)
    header.setUint8(1, PAYLOAD_TYPE)
    header.setUint16(2, this.#sequence)
    header.setUint32(4, this.#timestamp)
    header.setUint32(8, this.#source)
    packet.set(payload, HEADER_BYTES)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#timestamp = (this.#timestamp + TICKS) >>> 0
    return packet
  }
}

/** Null where it is no packet of the kind that we send. Order and repetition are no matter here: frames are numbered inside. */
export function rtpPayload(packet: Uint8Array): Uint8Array | null {
  if (packet.length < HEADER_BYTES || packet[0] !== FIRST_BYTE || packet[1] !== PAYLOAD_TYPE) return null
  return packet.subarray(HEADER_BYTES)
}
