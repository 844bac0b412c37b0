/** IPv4 packets, taken apart (RFC 791, RFC 768, RFC 9293). */

export interface Packet {
  /** Epoch ms. */
  readonly at: number
  /** Sent by the host that was watched, or to it. */
  readonly direction: 'out' | 'in'
  readonly protocol: 'tcp' | 'udp'
  /** Both ends as `address:port`, the watched host's first. */
  readonly flow: string
  /** TCP's sequence number; 0 for UDP. */
  readonly seq: number
  /** SYN or FIN: counts for one in the sequence. */
  readonly marks: boolean
  readonly payload: Buffer
  /** With all headers from IP's on, bytes. */
  readonly size: number
}

const TCP = 6
const UDP = 17
const FIN_OR_SYN = 0b11

/** Null for anything but TCP and UDP in IPv4. */
export function parsePacket(at: number, direction: Packet['direction'], bytes: Buffer): Packet | null {
  if (bytes.length < 20 || bytes[0]! >> 4 !== 4) return null
  const size = bytes.readUInt16BE(2) || bytes.length
  const start = (bytes[0]! & 15) * 4
  const kind = bytes[9]
  if (kind !== TCP && kind !== UDP) return null
  const ports = [bytes.readUInt16BE(start), bytes.readUInt16BE(start + 2)]
  const ends = [12, 16].map((from, n) => `${[...bytes.subarray(from, from + 4)].join('.')}:${ports[n]}`)
  const flow = (direction === 'out' ? ends : ends.toReversed()).join(' ')
  const common = { at, direction, flow, size }
  if (kind === UDP)
    return { ...common, protocol: 'udp', seq: 0, marks: false, payload: bytes.subarray(start + 8, size) }
  const header = (bytes[start + 12]! >> 4) * 4
  const marks = (bytes[start + 13]! & FIN_OR_SYN) !== 0
  const payload = bytes.subarray(start + header, size)
  return { ...common, protocol: 'tcp', seq: bytes.readUInt32BE(start + 4), marks, payload }
}

/** Puts one direction of a TCP connection together again: gives what is new in each packet. Throws when something is missing. */
export class TcpStream {
  #next: number | null = null

  take({ seq, marks, payload }: Packet): Buffer {
    const from = marks && payload.length === 0 ? seq + 1 : seq
    this.#next ??= from >>> 0
    const known = (this.#next - from) | 0
    if (known < 0 && payload.length > 0) throw new Error(`${-known} bytes of a TCP stream were not captured`)
    const fresh = payload.subarray(Math.min(payload.length, Math.max(0, known)))
    this.#next = (this.#next + fresh.length) >>> 0
    return fresh
  }
}
