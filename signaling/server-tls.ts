/** TLS of the server itself: speaks it with the certificate in force, and takes up another one when its files change. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Certificate, readCertificate, type TlsFiles } from './certificate.js'
import type { DoorTls } from './door.js'
import { FileWatch } from './file-watch.js'
import type { Limits } from './limits.js'
import type { Logger } from './log.js'
import { ServerProblem } from './server-problem.js'
import { TokenBuckets } from './token-bucket.js'

/** How often it looks, ms. A change is taken up at the second look that sees it. */
const LOOK_MS = 1000
/** How often it says again what is not right with the certificate, ms. */
const WARN_MS = 24 * 3_600_000

export class ServerTls implements DoorTls {
  readonly #files: TlsFiles
  readonly #log: Logger
  readonly #watches: readonly FileWatch[]
  readonly #handshakes: TokenBuckets
  #timer: NodeJS.Timeout | undefined
  #now: Certificate
  #warnedAt = 0

  /** Throws a ServerProblem. */
  constructor(files: TlsFiles, { requestsPerAddressPerMinute: most }: Limits, log: Logger) {
    this.#files = files
    this.#log = log
    this.#watches = [files.cert, files.key].map(path => new FileWatch(path))
    // A signature costs more than the request that comes after it, if one comes.
    this.#handshakes = new TokenBuckets(most / 60, most)
    this.#now = readCertificate(files)
    this.#warn()
  }

  /** Hosts that the certificate in force is for: whoever has its key is who answers to them. */
  get names(): readonly string[] {
    return this.#now.names
  }

  may(key: string): boolean {
    return this.#handshakes.take(key, performance.now())
  }

  /** Speaks TLS, as the server, on a connection; what was read of that already has to be put back. */
  wrap(raw: Socket): Socket {
    const socket = new TLSSocket(raw, { isServer: true, secureContext: this.#now.context })
    // Node leaves what is broken after the handshake to its own tls.Server, which is not here.
    return socket.on('_tlsError', () => socket.destroy())
  }

  /** Looks from now on whether the files have changed. */
  watch(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref()
  }

  /** Reads both files now. What is wrong with them goes to the log, and what was in force stays. */
  reload(): void {
    this.#takeUp(true)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const changed = this.#watches.map(watch => watch.settledAnew())
    if (changed.includes(true)) this.#takeUp(false)
    if (Date.now() - this.#warnedAt >= WARN_MS) this.#warn()
  }

  /** Connections that are there keep what they began with. `anyway`: says so too where nothing is new. */
  #takeUp(anyway: boolean): void {
    try {
      const read = readCertificate(this.#files)
      if (!anyway && read.pem === this.#now.pem) return
      this.#now = read
      this.#log.info({ names: read.names, until: new Date(read.until).toISOString() }, 'certificate read again')
      this.#warn()
    } catch (error) {
      if (!(error instanceof ServerProblem)) throw error
      this.#log.warn({}, `${error.message} The certificate from before stays in use.`)
    }
  }

  #warn(): void {
    this.#warnedAt = Date.now()
    for (const warning of this.#now.warnings(this.#warnedAt)) this.#log.warn({}, warning)
  }
}
