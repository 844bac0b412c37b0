/**
 * A server of several processes behind one port: this one takes connections, reads their requests and hands each to a worker (worker.ts).
 * The workers are a cluster among themselves, over this process, or over NATS with those of other machines.
 */
import { VERSION } from '../../protocol/node-package.js'
import { clusterSettings } from '../cluster/cluster-settings.js'
import { closing, openEntrance } from '../entrance.js'
import { defaultLimits } from '../limits.js'
import { silent } from '../log.js'
import type { MetricsPage } from '../metrics-page.js'
import { openMetricsPort } from '../metrics-port.js'
import { nodeClock } from '../node-clock.js'
import { publicOrigins } from '../origins.js'
import { Pages } from '../pages.js'
import { Readiness } from '../readiness.js'
import type { RunningServer } from '../server.js'
import type { ServerOptions } from '../server-options.js'
import { ServerProblem } from '../server-problem.js'
import { openState } from '../server-state.js'
import { lockStateDir } from '../state-dir.js'
import { Tally } from '../tally.js'
import { checkTurnSettings } from '../turn-settings.js'
import { NameKeeper } from './name-keeper.js'
import type { WorkerStart } from './worker-message.js'
import { Workers } from './workers.js'

export interface PoolOptions extends ServerOptions {
  readonly workers: number
  /** Puts the figures of all workers together; there is no `/metrics` unless given. */
  readonly together?: (read: () => Promise<object[][]>) => MetricsPage
}

/** Starts a server of `workers` processes and this one. Rejects with a ServerProblem. */
export async function startPool(options: PoolOptions): Promise<RunningServer> {
  refuseWhatCantBeShared(options)
  const { stateDir, log = silent, metricsListen } = options
  const lock = stateDir === undefined ? null : await lockStateDir(stateDir)
  try {
    const limits = { ...defaultLimits, ...options.limits }
    const publics = publicOrigins([...(options.publicUrls ?? []), ...(options.clusterUrl ? [options.clusterUrl] : [])])
    // What is wrong is better said here than by each worker.
    clusterSettings(options)
    if (options.turn) checkTurnSettings(options.turn)
    const { accessFile } = options
    const given = { ...(stateDir !== undefined && { stateDir }), ...(accessFile !== undefined && { accessFile }), log }
    const state = openState(given, limits)
    state.guests?.close()
    const names = new NameKeeper(state)
    const tally = new Tally(() => nodeClock.now())
    const readiness = new Readiness('starting')
    const entrance = await openEntrance({
      ...options,
      isPublic: publics.length > 0,
      handsOver: true,
      limits,
      log,
      tally,
    })
    const monitors = metricsListen && (await openMetricsPort(metricsListen).catch(closing(entrance)))
    const { port, stunPort, otherStunPort, ownUrls } = entrance
    const urls = [...new Set([...publics, ...ownUrls()])]
    const {
      log: _log,
      metrics: _metrics,
      metricsListen: _listen,
      stateDir: _dir,
      echo: _echo,
      together,
      workers: count,
      ...rest
    } = options
    const begin = (number: number): WorkerStart => ({ options: rest, number, stunPort, otherStunPort, origins: urls })
    const workers = new Workers(count, begin, names, (fields, message) => log.warn(fields, message))
    const metrics = together?.(() => workers.metrics()) ?? null
    const pages = new Pages({
      readiness,
      health: () => ({ status: 'ok', version: VERSION, ...workers.figures }),
      metrics,
    })
    monitors?.show(pages)
    await workers.ready()
    entrance.serve({ pages, showsFigures: !monitors, enter: newcomer => workers.take(newcomer) })
    readiness.release('starting')
    log.info({ port, stunPort, workers: count, urls, version: VERSION }, 'listening')
    let ended: Promise<void> | undefined
    const end = async (restarting: boolean) => {
      readiness.hold('draining')
      const closed = entrance.close()
      await workers.close(restarting)
      await Promise.all([closed, monitors?.close()])
      await names.close()
      lock?.release()
      log.info({ restarting }, 'closed')
    }
    return {
      port,
      stunPort,
      otherStunPort,
      metricsPort: monitors?.port ?? null,
      readiness,
      urls,
      reload: () => workers.tellAll({ type: 'reload' }),
      drain: () => {
        readiness.hold('draining')
        return workers.drain()
      },
      close: ({ restarting = false } = {}) => {
        ended ??= end(restarting)
        return ended
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

function refuseWhatCantBeShared(options: ServerOptions): void {
  const what = options.tlsCert
    ? 'its own TLS (put a proxy in front)'
    : options.private
      ? 'invitations (list keys in an --access-file)'
      : options.echo
        ? 'an echo'
        : null
  if (what !== null)
    throw new ServerProblem(
      'notForWorkers',
      `A server of several workers can't have ${what}.`,
      'Or leave --workers out.',
    )
}
