/** A record of what passed between two programs, read as websocket messages (RFC 6455, section 5.2). */

/** `up`: from the side that dialled; `down`: to it. */
export type Direction = 'up' | 'down'

export interface Passage {
  readonly connection: number
  readonly direction: Direction
  /** When it came, epoch ms. */
  readonly at: number
  /** As on the wire: what goes up is masked. */
  readonly bytes: Uint8Array
}

export interface Message {
  readonly connection: number
  readonly direction: Direction
  /** When its last byte came, epoch ms. */
  readonly at: number
  /** 1 text, 2 binary, 8 close, 9 ping, 10 pong. A fragment has the kind of the frame that it continues. */
  readonly opcode: number
  /** Without the mask. */
  readonly payload: Uint8Array
}

export class Wire {
  readonly passages: Passage[] = []
  readonly messages: Message[] = []
  readonly #readers = new Map<string, FrameReader>()

  add(passage: Passage): void {
    this.passages.push(passage)
    const key = `${passage.connection} ${passage.direction}`
    const reader = this.#readers.get(key) ?? new FrameReader()
    this.#readers.set(key, reader)
    const { connection, direction, at } = passage
    for (const frame of reader.read(passage.bytes)) this.messages.push({ connection, direction, at, ...frame })
  }

  /** How many binary messages of which size (payload, bytes) passed. */
  binarySizes(direction?: Direction): Map<number, number> {
    const sizes = new Map<number, number>()
    for (const { opcode, payload, direction: way } of this.messages)
      if (opcode === 2 && (!direction || way === direction))
        sizes.set(payload.length, (sizes.get(payload.length) ?? 0) + 1)
    return sizes
  }

  /** Whether these bytes occur anywhere: in what was on the wire, or in a message without its mask. */
  holds(bytes: Uint8Array): boolean {
    const flows = new Map<string, Uint8Array[]>()
    for (const { connection, direction, bytes } of this.passages) {
      const key = `${connection} ${direction}`
      const flow = flows.get(key) ?? []
      flows.set(key, flow)
      flow.push(bytes)
    }
    const all = [
      ...[...flows.values()].map(parts => Buffer.concat(parts)),
      ...this.messages.map(({ payload }) => payload),
    ]
    return all.some(part => Buffer.from(part.buffer, part.byteOffset, part.byteLength).includes(Buffer.from(bytes)))
  }

  clear(): void {
    this.passages.length = 0
    this.messages.length = 0
  }
}

/** Cuts one direction of a connection into frames, after the HTTP request or answer that opens it. */
class FrameReader {
  #rest = Buffer.alloc(0)
  #opened = false
  #continued = 0

  read(bytes: Uint8Array): { opcode: number; payload: Uint8Array }[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (!this.#opened) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end < 0) return []
      this.#opened = true
      this.#rest = this.#rest.subarray(end + 4)
    }
    const frames = []
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): { opcode: number; payload: Uint8Array } | undefined {
    const rest = this.#rest
    if (rest.length < 2) return undefined
    const masked = (rest[1]! & 0x80) !== 0
    const short = rest[1]! & 0x7f
    const header = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
    if (rest.length < header + (masked ? 4 : 0)) return undefined
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short
    const start = header + (masked ? 4 : 0)
    if (rest.length < start + length) return undefined
    const payload = Uint8Array.from(rest.subarray(start, start + length))
    if (masked) for (let i = 0; i < length; i++) payload[i] = payload[i]! ^ rest[header + (i % 4)]!
    this.#rest = rest.subarray(start + length)
    const opcode = rest[0]! & 0x0f || this.#continued
    if (opcode < 8) this.#continued = opcode
    return { opcode, payload }
  }
}
