/** The server: an entrance, and a hub behind it. */
import { VERSION } from '../protocol/node-package.js'
import { clusterSettings } from './cluster/cluster-settings.js'
import { openCluster } from './cluster/open-cluster.js'
import { closing, openEntrance } from './entrance.js'
import { defaultLimits } from './limits.js'
import { silent } from './log.js'
import { openMetricsPort } from './metrics-port.js'
import { nodeClock } from './node-clock.js'
import { publicOrigins } from './origins.js'
import { Pages } from './pages.js'
import { Readiness } from './readiness.js'
import { openHub } from './running-hub.js'
import type { ServerOptions } from './server-options.js'
import { openState } from './server-state.js'
import { lockStateDir } from './state-dir.js'
import { Tally } from './tally.js'
import { checkTurnSettings } from './turn-settings.js'

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
  const { log = silent, metricsListen } = options
  const limits = { ...defaultLimits, ...options.limits }
  const publics = publicOrigins([...(options.publicUrls ?? []), ...(options.clusterUrl ? [options.clusterUrl] : [])])
  const several = clusterSettings(options)
  if (options.turn) checkTurnSettings(options.turn)
  const state = openState(options, limits)
  const tally = new Tally(() => nodeClock.now())
  const readiness = new Readiness('starting')
  const entrance = await openEntrance({ ...options, isPublic: publics.length > 0, limits, log, tally })
  const monitors = metricsListen && (await openMetricsPort(metricsListen).catch(closing(entrance)))
  const echoUrl = options.echo ? await entrance.innerUrl() : null
  const cluster = several && openCluster(several, limits.nameDays, log)
  const { port, stunPort, otherStunPort, inTurn, ownUrls } = entrance
  const origins = () => [...publics, ...ownUrls(), ...(echoUrl === null ? [] : [echoUrl])]
  const people = openHub(options, { state, limits, tally, stunPort, otherStunPort, origins, inTurn, echoUrl, cluster })
  const { hub } = people
  const health = () => ({ status: 'ok', version: VERSION, peers: hub.peers, calls: hub.calls })
  const pages = new Pages({ readiness, health, metrics: options.metrics?.({ hub, tally, readiness }) ?? null })
  monitors?.show(pages)
  entrance.serve({ pages, showsFigures: !monitors, enter: people.enter })

  const urls = [...new Set([...publics, ...ownUrls()])]
  const metricsPort = monitors?.port ?? null
  readiness.release('starting')
  log.info({ port, stunPort, metricsPort, urls, version: VERSION, private: state.guests !== null }, 'listening')
  let ended: Promise<void> | undefined
  const end = async (restarting: boolean) => {
    readiness.hold('draining')
    const closed = entrance.close()
    people.leave(restarting)
    await closed
    await Promise.all([monitors?.close(), cluster?.close()])
    await people.close()
    unlock()
    log.info({ restarting }, 'closed')
  }
  return {
    port,
    stunPort,
    otherStunPort,
    metricsPort,
    readiness,
    urls,
    reload: () => {
      people.reload()
      entrance.reload()
    },
    drain: () => {
      readiness.hold('draining')
      return people.drain()
    },
    close: ({ restarting = false } = {}) => {
      ended ??= end(restarting)
      return ended
    },
  }
}
