import type { ClusterLogin } from './cluster/cluster-login.js'
import type { Limits } from './limits.js'
import type { Logger } from './log.js'
import type { MetricsSource } from './metrics.js'
import type { MetricsAddress } from './metrics-address.js'
import type { MetricsPage } from './metrics-page.js'
import type { TurnSettings } from './turn.js'

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
