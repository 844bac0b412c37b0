/**
 * A relay of messages with their length (u16, big-endian) in front, on `node:net` alone. The first message of a client is its pair's
 * number; when both have come each is told so, and from then on gets what the other sends. Says its port.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'

const waiting = new Map<string, Socket>()
const MATCHED = Buffer.from('\0\x07matched')
const server = createServer({ noDelay: true }, socket => {
  let rest: Buffer | null = null
  let other: Socket | null = null
  const join = (end: Socket) => {
    other = end
    socket.write(MATCHED)
  }
  joiners.set(socket, join)
  socket.on('error', () => {})
  socket.on('data', data => {
    let bytes = rest ? Buffer.concat([rest, data]) : data
    while (bytes.length >= 2) {
      const end = 2 + bytes.readUInt16BE(0)
      if (bytes.length < end) break
      if (other) other.write(bytes.subarray(0, end))
      else pair(socket, bytes.toString('latin1', 2, end))
      bytes = bytes.subarray(end)
    }
    rest = bytes.length > 0 ? bytes : null
  })
})
const joiners = new WeakMap<Socket, (other: Socket) => void>()

function pair(socket: Socket, number: string): void {
  const first = waiting.get(number)
  if (!first) {
    waiting.set(number, socket)
    return
  }
  joiners.get(socket)!(first)
  joiners.get(first)!(socket)
}

server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
)
