/** A worker: a hub like that of a server of a cluster, to which its parent hands connections. Started by workers.ts. */
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { clusterSettings } from '../cluster/cluster-settings.js'
import { openCluster } from '../cluster/open-cluster.js'
import { defaultLimits } from '../limits.js'
import { createLog } from '../log.js'
import { openWorkerMetrics } from '../metrics.js'
import { nodeClock } from '../node-clock.js'
import { Readiness } from '../readiness.js'
import { openHub, type RunningHub } from '../running-hub.js'
import { openState } from '../server-state.js'
import { Tally } from '../tally.js'
import { Turns } from '../turns.js'
import { Parent } from './parent.js'
import type { FromWorker, Handed, ToWorker, WorkerStart } from './worker-message.js'

const FIGURES_MS = 1_000

const send = (message: FromWorker) => {
  if (process.connected) process.send!(message)
}
const parent = new Parent(send)
let start: (message: WorkerStart) => void = begin

process.on('message', (message: ToWorker, socket: unknown) => {
  if (message.type === 'start') start(message)
  else parent.hear(message, socket instanceof Socket ? socket : null)
})
// Signals are for the parent, which says what is to be done; without it there is nobody to serve for.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.exit(0))

function begin({ options, number, stunPort, otherStunPort, origins }: WorkerStart): void {
  start = () => {}
  const log = createLog({ worker: number })
  const limits = { ...defaultLimits, ...options.limits }
  const tally = new Tally(() => nodeClock.now())
  const turns = new Turns(() => performance.now())
  const here = `/?server=${number}`
  const several = clusterSettings(options)
  const cluster = several
    ? openCluster({ ...several, url: new URL(here, several.url).href }, limits.nameDays, log)
    : { bus: parent, names: parent, id: `${process.pid}`, url: here }
  const people: RunningHub = openHub(
    { ...options, log },
    {
      state: openState({ ...options, log }, limits),
      limits,
      tally,
      stunPort,
      otherStunPort,
      origins: () => origins,
      inTurn: (address, act) => turns.take(address, act),
      echoUrl: null,
      cluster,
    },
  )
  const { hub } = people
  const metrics = openWorkerMetrics({ hub, tally, readiness: new Readiness() })
  const enter = ({ url, headers, rest, key }: Handed, socket: Socket) =>
    people.enter({
      request: { method: 'GET', url, headers, socket } as unknown as IncomingMessage,
      stream: socket,
      rest: Buffer.from(rest),
      key,
    })
  parent.onConnection = (handed, socket) => turns.take(handed.key, () => enter(handed, socket))
  parent.onOrder = order => {
    switch (order.type) {
      case 'reload':
        people.reload()
        return
      case 'metrics':
        void metrics().then(json => send({ type: 'metrics', n: order.n, metrics: json }))
        return
      case 'draining':
        hub.announceDrain()
        return
      case 'drain':
        void people.drain().then(() => send({ type: 'drained' }))
        return
      case 'close':
        people.leave(order.restarting)
        whenEmpty(() => void people.close().then(() => process.exit(0)))
    }
  }
  const whenEmpty = (done: () => void) => {
    if (hub.sockets === 0) done()
    else setTimeout(() => whenEmpty(done), 20)
  }
  setInterval(() => send({ type: 'figures', peers: hub.peers, calls: hub.calls }), FIGURES_MS).unref()
  send({ type: 'ready' })
}
