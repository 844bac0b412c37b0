import type { ServerOptions } from '../server-options.js'
import { ServerProblem } from '../server-problem.js'
import type { ClusterLogin } from './cluster-login.js'

/** What a server needs to be one of several. */
export interface ClusterSettings {
  /** NATS servers, as `nats://host:port`. */
  readonly servers: readonly string[]
  readonly login?: ClusterLogin
  /** How peers dial this very server. */
  readonly url: string
}

/** Null: it is alone. Throws a ServerProblem. */
export function clusterSettings(options: ServerOptions): ClusterSettings | null {
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
