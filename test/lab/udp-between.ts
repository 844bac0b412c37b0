/** Stands between two connections of this machine, where all their packets pass: it counts them, delays them, and loses what it is told to. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Signal } from '../../peer/routes/connection.js'

/** By the first byte (RFC 7983, section 7), and RTCP by the second (RFC 5761, section 4). */
export type PacketKind = 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'other'

export interface Passage {
  readonly from: 'a' | 'b'
  readonly kind: PacketKind
  /** What UDP carries. */
  readonly payload: Buffer
}

interface End {
  /** Told to the other end as this end's address. */
  readonly socket: Socket
  real: { readonly address: string; readonly port: number } | null
}

export class UdpBetween {
  readonly passages: Passage[] = []
  /** Whether the next packet of this end gets through. */
  passes: (from: 'a' | 'b') => boolean = () => true
  delayMs = 0
  readonly #ends: Readonly<Record<'a' | 'b', End>>
  #closed = false

  private constructor() {
    this.#ends = { a: { socket: createSocket('udp4'), real: null }, b: { socket: createSocket('udp4'), real: null } }
  }

  static async start(): Promise<UdpBetween> {
    const it = new UdpBetween()
    for (const [name, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const socket = it.#ends[name].socket.bind(0)
      await once(socket, 'listening')
      socket.on('message', payload => it.#carry(other, name, payload))
    }
    return it
  }

  /** What becomes of a signal: the first address of each end is replaced by one of ours, others are lost. */
  readonly onTheWay = (signal: Signal, from: 'a' | 'b'): Signal | null => {
    if (signal.kind !== 'candidate') return { ...signal, text: signal.text.replace(/^a=candidate:.*\r?\n/gm, '') }
    const end = this.#ends[from]
    const [, before, address = '', port, after] =
      /^(candidate:\S+ 1 udp \d+ )(\d+\.\d+\.\d+\.\d+) (\d+)( typ host.*)$/i.exec(signal.text) ?? []
    if (!before || end.real) return null
    end.real = { address, port: Number(port) }
    return { ...signal, text: `${before}${address} ${end.socket.address().port}${after}` }
  }

  close(): void {
    this.#closed = true
    for (const { socket } of Object.values(this.#ends)) socket.close()
  }

  #carry(from: 'a' | 'b', to: 'a' | 'b', payload: Buffer): void {
    this.passages.push({ from, kind: kindOf(payload), payload })
    if (!this.passes(from)) return
    const send = () => {
      const { real } = this.#ends[to]
      if (real && !this.#closed) this.#ends[from].socket.send(payload, real.port, real.address, () => {})
    }
    if (this.delayMs) setTimeout(send, this.delayMs).unref()
    else send()
  }
}

export function kindOf(payload: Buffer): PacketKind {
  const [first = 255, second = 0] = payload
  if (first < 4) return 'stun'
  if (first >= 20 && first < 64) return 'dtls'
  if (first < 128 || first >= 192) return 'other'
  return (second & 127) >= 64 && (second & 127) < 96 ? 'rtcp' : 'rtp'
}
