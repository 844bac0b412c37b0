/** A UDP socket that answers STUN (stun.ts). */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { answerStun } from './stun.js'

export interface StunOptions {
  /** The address to listen at; everywhere, IPv4 and IPv6, unless given. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface RunningStun {
  readonly port: number
  /** May be called twice. */
  close(): Promise<void>
}

/** Answers that wait for the system to take them; a request that would add one more gets none, as if lost on its way. */
const MAX_WAITING = 1000

/** Starts to listen. Rejects with the system's error (EADDRINUSE, EACCES, ...). */
export async function startStun({ host, port }: StunOptions): Promise<RunningStun> {
  const socket = await listen(host, port)
  // A datagram that can't be sent, a peer's "port unreachable": nothing to do about it, and no reason to end.
  socket.on('error', () => {})
  socket.on('message', (request, from) => {
    if (socket.getSendQueueCount() >= MAX_WAITING) return
    const answer = answerStun(request, from) // null for port 0 too, at which `send` would throw
    if (answer) socket.send(answer, from.port, from.address, () => {})
  })
  let closing: Promise<void> | undefined
  return {
    port: socket.address().port,
    close: () => {
      closing ??= new Promise<void>(resolve => socket.close(() => resolve()))
      return closing
    },
  }
}

/** An IPv6 socket takes IPv4 as well; a machine without IPv6 has but the other. */
async function listen(host: string | undefined, port: number): Promise<Socket> {
  if (host !== undefined) return bind(isIPv4(host) ? 'udp4' : 'udp6', host, port)
  try {
    return await bind('udp6', '::', port)
  } catch (error) {
    if (!NO_IPV6.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    return bind('udp4', '0.0.0.0', port)
  }
}

const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL'])

function bind(type: 'udp4' | 'udp6', address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type })
    socket.once('error', error => {
      socket.close()
      reject(error)
    })
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}
