/**
 * The yardstick: the least relay that `ws` makes. The first message of a client is its pair's number; when both have come each is
 * told so, and from then on gets what the other sends. Says its port.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

const waiting = new Map<string, WebSocket>()
const http = createServer()
const websockets = new WebSocketServer({ server: http, perMessageDeflate: false })
websockets.on('connection', socket => {
  socket.once('message', data => {
    const pair = String(data)
    const other = waiting.get(pair)
    if (!other) {
      waiting.set(pair, socket)
      return
    }
    socket.on('message', message => other.send(message))
    other.on('message', message => socket.send(message))
    for (const end of [socket, other]) end.send('matched')
  })
})
http.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
  console.log(JSON.stringify({ port: (http.address() as AddressInfo).port })),
)
