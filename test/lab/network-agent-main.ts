/**
 * A program for tests of the network lab: talks UDP and TCP on the port of its first argument. Takes JSON lines, reports JSON lines, and ends
 * when its stdin ends. A text "ask" is answered with the sender's address as seen here.
 */
import { createSocket } from 'node:dgram'
import { createServer, connect as dial, isIPv6, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

export type AgentCommand =
  | { readonly do: 'udp'; readonly to: string; readonly text: string }
  /** Sends `count` datagrams at their times, each with its sending time as text. */
  | { readonly do: 'flood'; readonly to: string; readonly count: number; readonly everyMs: number }
  | { readonly do: 'dial'; readonly to: string }
  /** On all TCP connections. */
  | { readonly do: 'tcp'; readonly text: string }

export interface AgentEvent {
  readonly kind: 'ready' | 'udp' | 'connected' | 'tcp' | 'closed' | 'failed'
  readonly text?: string
  /** address:port */
  readonly from?: string
  /** ms, on the same clock in all processes. */
  readonly at: number
}

const now = () => Number(process.hrtime.bigint()) / 1e6
const tell = (event: Omit<AgentEvent, 'at'>) => process.stdout.write(`${JSON.stringify({ ...event, at: now() })}\n`)
const parse = (to: string) => {
  const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(to) ?? []
  return { host, port: Number(port) }
}
const write = (address = '', port = 0) => `${isIPv6(address) ? `[${address}]` : address}:${port}`
const port = Number(process.argv[2])
const connections = new Set<Socket>()

const failed = (error: Error) => tell({ kind: 'failed', text: error.message })
const udp = { ipv4: createSocket('udp4'), ipv6: createSocket({ type: 'udp6', ipv6Only: true }) }
const send = (to: string, text: string) => {
  const { host, port } = parse(to)
  udp[isIPv6(host) ? 'ipv6' : 'ipv4'].send(text, port, host, error => error && failed(error))
}
for (const socket of Object.values(udp)) {
  socket.on('error', failed)
  socket.on('message', (data, { address, port }) => {
    const [text, from] = [`${data}`, write(address, port)]
    if (text === 'ask') send(from, from)
    tell({ kind: 'udp', text, from })
  })
}

const attend = (socket: Socket) => {
  const from = write(socket.remoteAddress, socket.remotePort)
  connections.add(socket)
  tell({ kind: 'connected', from })
  socket.on('data', data => {
    tell({ kind: 'tcp', text: `${data}`, from })
    if (`${data}` === 'ask') socket.write(from)
  })
  socket.on('close', () => {
    connections.delete(socket)
    tell({ kind: 'closed', from })
  })
}
const serve = (socket: Socket) => {
  socket.on('error', failed)
  attend(socket)
}

const flood = (to: string, count: number, everyMs: number) => {
  const start = now()
  let sent = 0
  const timer = setInterval(() => {
    for (; sent < count && now() >= start + sent * everyMs; sent++) send(to, `${now()}`)
    if (sent === count) clearInterval(timer)
  }, 2)
}

const obey = (command: AgentCommand) => {
  if (command.do === 'udp') send(command.to, command.text)
  else if (command.do === 'flood') flood(command.to, command.count, command.everyMs)
  else if (command.do === 'tcp') for (const socket of connections) socket.write(command.text)
  else {
    const socket = dial(parse(command.to))
    socket.on('error', failed)
    socket.on('connect', () => attend(socket))
  }
}

// Without IPv6 nobody calls by it.
createServer(serve)
  .on('error', () => {})
  .listen({ port, host: '::', ipv6Only: true })
udp.ipv6.bind(port)
udp.ipv4.bind(port, () => createServer(serve).listen(port, '0.0.0.0', () => tell({ kind: 'ready' })))
createInterface({ input: process.stdin })
  .on('line', line => obey(JSON.parse(line)))
  .on('close', () => process.exit())
setTimeout(() => process.exit(1), 120_000).unref()
