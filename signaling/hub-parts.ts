import { toBase64url } from '../protocol/bytes.js'
import { Attendance } from './attendance.js'
import { Calls } from './calls.js'
import { ClusterNames } from './cluster/cluster-names.js'
import { Transfers } from './cluster/transfers.js'
import type { HubCore } from './hub-core.js'
import type { HubOptions } from './hub-options.js'
import { defaultLimits } from './limits.js'
import { Lobby } from './lobby.js'
import { Logins } from './logins.js'
import { Meter } from './meter.js'
import { Names } from './names.js'
import { Registrar } from './registrar.js'
import { Relay } from './relay.js'
import { Requests } from './requests.js'
import { Seats } from './seats.js'
import { Tally } from './tally.js'

export type HubParts = ReturnType<typeof hubParts>

/** Makes the parts of a hub, each with those that it needs. */
export function hubParts(options: HubOptions) {
  const { clock, cluster, namesKept, echo, isOwn = () => false } = options
  const { report = () => {}, tally = new Tally(() => clock.now()) } = options
  const limits = { ...defaultLimits, ...options.limits }
  const lobby = new Lobby(() => toBase64url(options.random(16)), cluster !== undefined)
  const seats = new Seats()
  const core: HubCore = { clock, limits, lobby, seats, tally, report, cluster: null }
  const names = options.names ?? new Names(limits.names, limits.nameDays)
  const logins = new Logins({ ...options, names, limits })
  const relay = new Relay(core)
  const otherOf = relay.otherOf.bind(relay)
  const meter = new Meter({ clock, limits, tally, isOwn, seats: () => seats.all(), otherOf })
  const calls = new Calls(core, meter)
  const attendance = new Attendance(core, { logins, meter, calls })
  const requests = new Requests(core, { meter, relay, calls, echo })
  const registrar = new Registrar(core, { logins, attendance, namesKept })
  let transfers: Transfers | null = null
  if (cluster) {
    const clusterNames = new ClusterNames({
      store: cluster.names,
      names,
      now: () => clock.now(),
      keeps: (id, key) => options.admission?.allows(id, key) ?? true,
      lost: (id, key) => registrar.lost(id, key),
    })
    transfers = new Transfers(core, { attendance, calls, relay, requests }, { ...cluster, clock, names: clusterNames })
    core.cluster = transfers.cluster
  }
  return { ...core, names, logins, relay, meter, calls, attendance, requests, registrar, transfers }
}
