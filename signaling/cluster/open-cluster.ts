/** This server's part of a cluster over NATS. */
import { toBase64url } from '../../protocol/bytes.js'
import { nodeRandom } from '../../protocol/node-random.js'
import type { Logger } from '../log.js'
import type { ClusterSettings } from './cluster-settings.js'
import { NatsBus } from './nats-bus.js'
import { NatsNames } from './nats-names.js'
import type { ServerNews } from './server-list.js'

/** Begins to connect; without NATS the server goes on alone until it is there. `nameDays`: see limits. */
export function openCluster({ servers, login, url }: ClusterSettings, nameDays: number, log: Logger) {
  const id = toBase64url(nodeRandom(9))
  const names = new NatsNames({
    days: nameDays,
    report: (answers, why) => {
      if (answers) log.info({}, 'names of the cluster answer again')
      else log.warn({ why }, 'names of the cluster out of reach: new ids are let in, and claimed later')
    },
  })
  const bus = new NatsBus({
    servers,
    ...(login && { login }),
    name: `voicechat-server ${id}`,
    connected: connection => names.use(connection),
    report: isUp => {
      if (isUp) log.info({ server: id }, 'in the cluster')
      else log.warn({}, 'NATS out of reach: calls of this server go on, others are not found')
    },
  })
  const report = ({ come, gone }: ServerNews, servers: number) => {
    for (const { id: server } of come) log.info({ server, servers }, 'server of the cluster heard')
    for (const { id: server, draining } of gone)
      if (draining) log.info({ server, servers }, 'server of the cluster ended')
      else log.warn({ server, servers }, 'server of the cluster out of reach: its people are not found')
  }
  return { id, url, bus, names, report, close: () => bus.close() }
}
