/** The server: HTTP and websockets around the hub. */
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer, type Server } from 'node:net'
import type { Clock } from '../protocol/clock.js'
import { nodeVerify } from '../protocol/node-ed25519.js'
import { VERSION } from '../protocol/node-package.js'
import { nodeRandom } from '../protocol/node-random.js'
import { MAX_MESSAGE_BYTES } from '../protocol/signaling.js'
import { isLoopback, limitKey } from './address.js'
import { answer } from './answer.js'
import { tlsFiles } from './certificate.js'
import type { ClusterLogin } from './cluster/cluster-login.js'
import { type ClusterSettings, openCluster } from './cluster/open-cluster.js'
import { Door } from './door.js'
import { drain } from './drain.js'
import { EchoProgram } from './echo-program.js'
import type { FrameProblem } from './frame-reader.js'
import { FrameSocket } from './frame-socket.js'
import { Hub } from './hub.js'
import { defaultLimits, type Limits } from './limits.js'
import { listen } from './listen.js'
import { isLocal } from './local-request.js'
import { type Logger, logEvent, silent } from './log.js'
import { LogDigest } from './log-digest.js'
import type { MetricsSource } from './metrics.js'
import type { MetricsAddress } from './metrics-address.js'
import type { MetricsPage } from './metrics-page.js'
import { openMetricsPort } from './metrics-port.js'
import { NameFile } from './name-file.js'
import { Names } from './names.js'
import { originAt, ownHosts, publicOrigins } from './origins.js'
import { Pages, pathOf, text } from './pages.js'
import { PrivateServer } from './private-server.js'
import { Proxies } from './proxies.js'
import { Readiness } from './readiness.js'
import { ServerProblem } from './server-problem.js'
import { ServerTls } from './server-tls.js'
import { lockStateDir, withState } from './state-dir.js'
import { openOtherStun, openStun } from './stun-port.js'
import { type Rejection, Tally } from './tally.js'
import { TokenBuckets } from './token-bucket.js'
import { type TurnSettings, turnServers } from './turn.js'
import { checkTurnSettings } from './turn-settings.js'
import { Turns } from './turns.js'
import { upgrade } from './upgrade.js'

export interface ServerOptions {
  /** The address to listen at; everywhere unless given. */
  readonly host?: string
  /** 9001 unless given; 0 takes a free one. */
  readonly port?: number
  /** The UDP port for STUN (stun.ts): the same number as the port's, or a free one, unless given; null: no STUN. */
  readonly stunPort?: number | null
  /** TURN servers that peers may use, and the secret shared with them; none unless given. */
  readonly turn?: TurnSettings
  /** How peers dial this server, where that is not one of this machine's own addresses. */
  readonly publicUrls?: readonly string[]
  /** Paths of a certificate and its key, PEM: with both it speaks TLS itself. */
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  /** NATS servers over which it joins others, and how peers dial this very one (its first public URL unless given); alone unless given. */
  readonly cluster?: readonly string[]
  readonly clusterLogin?: ClusterLogin
  readonly clusterUrl?: string | undefined
  /** Addresses or networks (10.0.0.0/24) of proxies on other machines that are believed when they name their client. */
  readonly trustedProxies?: readonly string[]
  /** Where names and members are kept; without it they are forgotten when the server ends. */
  readonly stateDir?: string
  /** Only keys of the access file and members may log in, and who comes with an invitation: that needs a `stateDir`. */
  readonly private?: boolean
  /** Path of the access file (access-list.ts); with one the server is private. */
  readonly accessFile?: string
  /** Web origins whose pages may connect; none unless given. Programs that are no browsers send none, and may. */
  readonly allowedOrigins?: readonly string[]
  /** Run an echo program, which peers may ask to be called by; no unless given. */
  readonly echo?: boolean
  /** Silent unless given. */
  readonly log?: Logger
  /** Whether the log names ids; no unless given. */
  readonly logIds?: boolean
  /** Makes `/metrics` (metrics.ts), for requests of this machine alone; there is none unless given. */
  readonly metrics?: (source: MetricsSource) => MetricsPage
  /** A listener of its own for it instead. */
  readonly metricsListen?: MetricsAddress
  readonly limits?: Partial<Limits>
}

export interface RunningServer {
  readonly port: number
  /** The UDP port at which it answers STUN; null: it does not. */
  readonly stunPort: number | null
  /** A second one; null: none. */
  readonly otherStunPort: number | null
  /** Where it can be dialled: the public URLs, then the names of its certificate, then this machine's addresses. */
  readonly urls: readonly string[]
  /** The port of the listener for monitors; null: it has none. */
  readonly metricsPort: number | null
  /** Whether it takes new calls, for `/readyz`. */
  readonly readiness: Readiness
  /** Reads the access file, the members and the certificate again now; else it does so soon after they have changed. */
  reload(): void
  /** Takes no new calls. Resolves when no running call needs it any more, or after the limit `drainMs`. */
  drain(): Promise<void>
  /** Closes within 2 s. `restarting`: tells the peers to come back. May be called twice. */
  close(options?: { restarting?: boolean }): Promise<void>
}

/** Peers of a restarting server come back after 1 to 2 s, not all at once, and try for a minute. */
const RECONNECT_MS = 1000
const RECONNECT_SPREAD_MS = 1000
const TRY_FOR_MS = 60_000
/** A message in more pieces than that is nobody's: each piece costs more to hold than a byte in it. */
const FRAME_LIMITS = { messageBytes: MAX_MESSAGE_BYTES, fragments: 64 }
/** Closing handshakes get this long, ms; then the sockets are cut. */
const CLOSING_MS = 1500

const clock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: timer => clearTimeout(timer as NodeJS.Timeout),
}

/** Starts a server. Rejects with a ServerProblem. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { stateDir } = options
  const lock = stateDir === undefined ? null : await lockStateDir(stateDir)
  try {
    return await start(options, () => lock?.release())
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** With the lock of the state directory held. */
async function start(options: ServerOptions, unlock: () => void): Promise<RunningServer> {
  const log = options.log ?? silent
  const limits = { ...defaultLimits, ...options.limits }
  const publics = publicOrigins([...(options.publicUrls ?? []), ...(options.clusterUrl ? [options.clusterUrl] : [])])
  const clusterSettings = clusterOf(options)
  const proxies = new Proxies(options.trustedProxies)
  const turn = options.turn && checkTurnSettings(options.turn)
  const names = new Names(limits.names, limits.nameDays)
  const warn = (message: string) => log.warn({}, message)
  const { stateDir } = options
  const files = tlsFiles(options.tlsCert, options.tlsKey)
  const tls = files && new ServerTls(files, limits, log)
  const guests = openPrivate(options, log)
  const file = stateDir === undefined ? null : withState(() => new NameFile(stateDir, names, warn))

  const http = createHttp()
  const tally = new Tally(() => clock.now())
  const readiness = new Readiness('starting')
  // A login can only name one of this server's origins; behind a proxy that is a public one.
  const uncounted = (address: string) => publics.length > 0 && proxies.trusts(address)
  const turns = new Turns(() => performance.now())
  const inTurn = (address: string, act: () => void) => turns.take(address, act)
  const digest = new LogDigest(log, clock)
  const rejected = (why: Rejection) => {
    tally.rejected[why]++
  }
  const door = new Door({
    limits,
    uncounted,
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
  const behindProxy = isLoopback(address) && publics.length > 0
  const stunHost = behindProxy ? undefined : address
  const stun = await openStun({ wish: options.stunPort, host: stunHost, port, warn }).catch((error: unknown) => {
    tcp.close()
    throw error
  })
  const stunPort = stun?.port ?? null
  const otherStun = stun && (await openOtherStun({ host: stunHost, port: stun.port, warn }))
  const { metricsListen } = options
  const monitors =
    metricsListen &&
    (await openMetricsPort(metricsListen).catch(async (error: unknown) => {
      tcp.close()
      await Promise.all([stun?.close(), otherStun?.close()])
      throw error
    }))
  const offered = { stunPort, ...(otherStun && { otherStunPort: otherStun.port }) }
  const hosts = () => [...(tls?.names ?? []), ...ownHosts(options.host)]
  const ownUrls = () => [...new Set(hosts().flatMap(host => originAt(host, port, tls ? 'wss' : 'ws') ?? []))]
  let ownKey = ''
  const runs = (key: string) => {
    ownKey = key
    guests?.admission.setOwn(key)
  }
  // The certificate is for others: the echo beside this server comes by a door of its own, on this machine alone.
  const inner = tls && options.echo ? createServer({ noDelay: true }, socket => door.open(socket, null)) : null
  const innerUrl = inner && originAt('127.0.0.1', (await listen(inner, { host: '127.0.0.1', port: 0 })).port)
  const echoUrl = innerUrl ?? ownUrls()[0]!
  const echo = options.echo ? new EchoProgram({ url: echoUrl, limits, log, now: () => clock.now(), runs }) : null
  const cluster = clusterSettings && openCluster(clusterSettings, limits.nameDays, log)
  const hub = new Hub({
    clock,
    ...(cluster && { cluster }),
    random: nodeRandom,
    originAllowed: origin => publics.includes(origin) || ownUrls().includes(origin) || origin === innerUrl,
    names,
    ...(file && { namesKept: () => file.saved() }),
    ...(guests && { admission: guests.admission }),
    limits,
    verify: nodeVerify,
    inTurn,
    report: event => logEvent({ log, strangers: digest, ids: options.logIds ?? false }, event),
    tally,
    server: `voicechat-server/${VERSION}`,
    // The calendar's time, not the hub's: the TURN server compares with its own.
    ice: id => ({ ...offered, turn: turn ? turnServers(turn, id, Date.now(), limits.turnCredentialMs) : [] }),
    isOwn: key => key === ownKey,
    ...(echo && { echo: (id: string, limitKey: string) => echo.call(id, limitKey) }),
  })
  guests?.watch(() => hub.admissionChanged())
  tls?.watch()
  const comings = new TokenBuckets(limits.requestsPerAddressPerMinute / 60, limits.requestsPerAddressPerMinute)
  const mayCome = (key: string) => comings.take(key, clock.now())
  const health = () => ({ status: 'ok', version: VERSION, peers: hub.peers, calls: hub.calls })
  const metrics = options.metrics?.({ hub, tally, readiness }) ?? null
  const pages = new Pages({ readiness, health, metrics })
  monitors?.show(pages)
  const onRequest: RequestListener = (request, response) => {
    // One request for each connection: see the door.
    request.socket.pause()
    // Whom a proxy brings may seem to come from here, too.
    const local = !behindProxy && isLocal(request)
    // Counted apart, so that nobody's flood keeps a monitor out.
    if (!mayCome(local ? 'local' : limitKey(proxies.clientOf(request)))) {
      rejected('tooManyRequests')
      text(response, 429, '')
    } else if (!pages.answer(request, response, local && !monitors)) rejected('notFound')
  }
  http.on('request', onRequest)
  // Node's own answer would keep the connection.
  http.on('checkExpectation', onRequest)
  http.on('upgrade', (request, socket) => {
    const key = limitKey(proxies.clientOf(request))
    const refused = mayCome(key) ? upgradeRefused(request, options.allowedOrigins ?? []) : 'tooManyRequests'
    if (refused) {
      rejected(refused)
      answer(socket, STATUS[refused])
      return
    }
    upgrade(request, socket, stream => {
      const onProblem = ({ name }: FrameProblem) => digest.warn({ why: name }, 'socket error')
      const websocket = new FrameSocket(stream, { limits: FRAME_LIMITS, head: door.takeRest(stream), onProblem })
      hub.connect(websocket, key)
    })
  })

  const urls = [...new Set([...publics, ...ownUrls()])]
  const metricsPort = monitors?.port ?? null
  readiness.release('starting')
  log.info({ port, stunPort, metricsPort, urls, version: VERSION, private: guests !== null }, 'listening')
  let closing: Promise<void> | undefined
  return {
    port,
    stunPort,
    otherStunPort: otherStun?.port ?? null,
    metricsPort,
    readiness,
    urls,
    reload: () => {
      guests?.reload()
      tls?.reload()
    },
    drain: async () => {
      readiness.hold('draining')
      log.info({ peers: hub.peers, calls: hub.calls }, 'draining')
      await drain(hub, clock, limits.drainMs)
    },
    close: ({ restarting = false } = {}) => {
      readiness.hold('draining')
      echo?.close()
      guests?.close()
      tls?.close()
      inner?.close()
      closing ??= close({ tcp, door, hub }, restarting).then(async () => {
        await Promise.all([stun?.close(), otherStun?.close(), monitors?.close(), cluster?.close()])
        await file?.close()
        unlock()
        digest.flush()
        log.info({ restarting }, 'closed')
      })
      return closing
    },
  }
}

/** Null: it is alone. */
function clusterOf(options: ServerOptions): ClusterSettings | null {
  const { cluster: servers = [], clusterLogin: login, clusterUrl, publicUrls = [], private: invitedOnly } = options
  if (servers.length === 0) return null
  const url = clusterUrl ?? publicUrls[0]
  if (url === undefined)
    throw new ServerProblem(
      'clusterWithoutUrl',
      'Peers have to know how to dial this very server of the cluster.',
      'Name its address with --cluster-url, or with --public-url.',
    )
  if (invitedOnly)
    throw new ServerProblem(
      'privateCluster',
      'Whom one server of a cluster has invited the others would not know.',
      'List the keys that may log in, in the same --access-file on each server.',
    )
  return { servers, url, ...(login && { login }) }
}

/** Null: everybody may come in. */
function openPrivate(options: ServerOptions, log: Logger): PrivateServer | null {
  const { private: invitedOnly, accessFile, stateDir, logIds } = options
  if (accessFile === undefined && !invitedOnly) return null
  if (accessFile === undefined && stateDir === undefined)
    throw new ServerProblem(
      'privateWithoutState',
      'A private server has to remember whom it let in.',
      'Name a directory for that with --state-dir, or a list of keys with --access-file.',
    )
  return new PrivateServer({ accessFile, stateDir, log, logIds })
}

async function close({ tcp, door, hub }: { tcp: Server; door: Door; hub: Hub }, restarting: boolean): Promise<void> {
  const closed = new Promise<void>(resolve => tcp.close(() => resolve()))
  door.close()
  const spread = () => RECONNECT_MS + Math.round((nodeRandom(1)[0]! / 255) * RECONNECT_SPREAD_MS)
  hub.close(restarting ? { reconnectInMs: spread, tryForMs: TRY_FOR_MS } : undefined)
  const cut = setTimeout(() => hub.terminate(), CLOSING_MS)
  await closed
  clearTimeout(cut)
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
