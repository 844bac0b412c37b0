/** Where people come in: the port with its door and its TLS, plain requests, and STUN beside it. Whoever asks for a websocket is handed on. */
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { isLoopback, limitKey } from './address.js'
import { answer } from './answer.js'
import { tlsFiles } from './certificate.js'
import { Door } from './door.js'
import type { Limits } from './limits.js'
import { listen } from './listen.js'
import { isLocal } from './local-request.js'
import type { Logger } from './log.js'
import { originAt, ownHosts } from './origins.js'
import { type Pages, pathOf, text } from './pages.js'
import { Proxies } from './proxies.js'
import { ServerTls } from './server-tls.js'
import { openOtherStun, openStun } from './stun-port.js'
import type { Rejection, Tally } from './tally.js'
import { TokenBuckets } from './token-bucket.js'
import { Turns } from './turns.js'

export interface EntranceOptions {
  readonly host?: string
  readonly port?: number
  readonly stunPort?: number | null
  /** Peers dial it by names that are not this machine's: where it listens on loopback, a proxy stands in front. */
  readonly isPublic: boolean
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  readonly trustedProxies?: readonly string[]
  readonly allowedOrigins?: readonly string[]
  /** Connections are handed over to other processes, which end them: it does not wait for them when it closes. */
  readonly handsOver?: boolean
  readonly limits: Limits
  readonly log: Logger
  readonly tally: Tally
}

/** Someone who asks for a websocket, and may come in. */
export interface Newcomer {
  readonly request: IncomingMessage
  readonly stream: Duplex
  /** What came behind the request. */
  readonly rest: Buffer
  /** Its address as limits count it. */
  readonly key: string
}

export interface Serving {
  readonly pages: Pages
  /** Whether requests of this machine are shown the figures at this port. */
  readonly showsFigures: boolean
  readonly enter: (newcomer: Newcomer) => void
}

export interface Entrance {
  readonly port: number
  /** UDP ports at which it answers STUN; null: it does not. */
  readonly stunPort: number | null
  readonly otherStunPort: number | null
  /** How it is dialled by this machine's own addresses and the names of its certificate, now. */
  ownUrls(): string[]
  /** Does something when the turn of its address has come (turns.ts). */
  inTurn(address: string, act: () => unknown): void
  /** Where a program of this server itself dials it. */
  innerUrl(): Promise<string>
  /** Until this was called, nobody is answered. */
  serve(serving: Serving): void
  /** Reads the certificate again. */
  reload(): void
  /** Takes no more; resolves when all who came in are gone, unless others have them. */
  close(): Promise<void>
}

/** Rejects with a ServerProblem. */
export async function openEntrance(options: EntranceOptions): Promise<Entrance> {
  const { limits, log, tally, isPublic, allowedOrigins = [] } = options
  const proxies = new Proxies(options.trustedProxies)
  const files = tlsFiles(options.tlsCert, options.tlsKey)
  const tls = files && new ServerTls(files, limits, log)
  const http = createHttp()
  const turns = new Turns(() => performance.now())
  const inTurn = (address: string, act: () => unknown) => turns.take(address, act)
  const rejected = (why: Rejection) => {
    tally.rejected[why]++
  }
  const door = new Door({
    limits,
    // A login can only name one of this server's origins; behind a proxy that is a public one.
    uncounted: address => isPublic && proxies.trusts(address),
    inTurn,
    rejected,
    pass: socket => http.emit('connection', socket),
    ...(tls && { tls }),
  })
  const tcp = createServer({ allowHalfOpen: true, noDelay: true }, socket => door.open(socket))
  tcp.maxConnections = limits.sockets + 100
  tcp.on('drop', () => rejected('full'))
  const { port, address } = await listen(tcp, options)
  // A proxy passes websockets on, and no UDP: that comes past it.
  const behindProxy = isLoopback(address) && isPublic
  const stunHost = behindProxy ? undefined : address
  const warn = (message: string) => log.warn({}, message)
  const stun = await openStun({ wish: options.stunPort, host: stunHost, port, warn }).catch((error: unknown) => {
    tcp.close()
    throw error
  })
  const otherStun = stun && (await openOtherStun({ host: stunHost, port: stun.port, warn }))
  tls?.watch()
  const comings = new TokenBuckets(limits.requestsPerAddressPerMinute / 60, limits.requestsPerAddressPerMinute)
  const mayCome = (key: string) => comings.take(key, performance.now())
  // The certificate is for others: programs beside this server come by a door of its own, on this machine alone.
  const inner = tls && createServer({ noDelay: true }, socket => door.open(socket, null))

  const ownUrls = () => {
    const hosts = [...(tls?.names ?? []), ...ownHosts(options.host)]
    return [...new Set(hosts.flatMap(host => originAt(host, port, tls ? 'wss' : 'ws') ?? []))]
  }
  const serve = ({ pages, showsFigures, enter }: Serving) => {
    const onRequest: RequestListener = (request, response) => {
      // One request for each connection: see the door.
      request.socket.pause()
      // Whom a proxy brings may seem to come from here, too.
      const local = !behindProxy && isLocal(request)
      // Counted apart, so that nobody's flood keeps a monitor out.
      if (!mayCome(local ? 'local' : limitKey(proxies.clientOf(request)))) {
        rejected('tooManyRequests')
        text(response, 429, '')
      } else if (!pages.answer(request, response, local && showsFigures)) rejected('notFound')
    }
    http.on('request', onRequest)
    // Node's own answer would keep the connection.
    http.on('checkExpectation', onRequest)
    http.on('upgrade', (request, stream) => {
      const key = limitKey(proxies.clientOf(request))
      const refused = mayCome(key) ? upgradeRefused(request, allowedOrigins) : 'tooManyRequests'
      if (refused) {
        rejected(refused)
        answer(stream, STATUS[refused])
      } else enter({ request, stream, rest: door.takeRest(stream), key })
    })
  }
  return {
    port,
    stunPort: stun?.port ?? null,
    otherStunPort: otherStun?.port ?? null,
    ownUrls,
    inTurn,
    serve,
    innerUrl: async () => {
      if (!inner) return ownUrls()[0]!
      return originAt('127.0.0.1', (await listen(inner, { host: '127.0.0.1', port: 0 })).port)!
    },
    reload: () => tls?.reload(),
    close: async () => {
      tls?.close()
      inner?.close()
      const closed = new Promise<void>(resolve => tcp.close(() => resolve()))
      door.close()
      await Promise.all([options.handsOver ? undefined : closed, stun?.close(), otherStun?.close()])
    },
  }
}

/** What could not be opened behind an entrance closes it. */
export function closing(entrance: Entrance): (error: unknown) => Promise<never> {
  return async error => {
    await entrance.close()
    throw error
  }
}

/** With which status an upgrade is refused. */
const STATUS = {
  tooManyRequests: '429 Too Many Requests',
  notFound: '404 Not Found',
  badOrigin: '403 Forbidden',
} as const satisfies Partial<Record<Rejection, string>>

/** Why an upgrade is refused, or null. */
function upgradeRefused(request: IncomingMessage, allowed: readonly string[]): keyof typeof STATUS | null {
  if (pathOf(request) !== '/') return 'notFound'
  const { origin } = request.headers
  return origin === undefined || allowed.includes(origin) ? null : 'badOrigin'
}
