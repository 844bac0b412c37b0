/** The server's figures for Prometheus: counted elsewhere, as plain numbers, and read here when somebody asks. */
import { AggregatorRegistry, Gauge, Histogram, Registry } from 'prom-client'
import { VERSION } from '../protocol/node-package.js'
import type { Hub } from './hub.js'
import { counter, counters, gauge, gauges } from './metric.js'
import type { MetricsPage } from './metrics-page.js'
import { addProcessMetrics } from './process-metrics.js'
import type { Readiness } from './readiness.js'
import type { Tally } from './tally.js'

/** Whose figures they are. */
export interface MetricsSource {
  readonly hub: Pick<Hub, 'peers' | 'sockets' | 'callsByRoute' | 'cluster' | 'unclaimedNames' | 'quotasNearlyUsedUp'>
  readonly tally: Tally
  readonly readiness: Readiness
}

/** Seconds: from 10 us, about what one frame costs, to a quarter of a second, after which a frame is too old to be sent. */
const LATENCIES = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000].map(n => n / 100_000)

export function openMetrics(source: MetricsSource): MetricsPage {
  const to = registryOf(source)
  return { contentType: to.contentType, read: () => to.metrics() }
}

/** Those of one of several processes, to be put together with the others'. */
export function openWorkerMetrics(source: MetricsSource): () => Promise<object[]> {
  const to = registryOf(source)
  return () => to.getMetricsAsJSON()
}

/** `read`: what `openWorkerMetrics` gave in each process. */
export function metricsTogether(read: () => Promise<object[][]>): MetricsPage {
  const { contentType } = new Registry()
  return { contentType, read: async () => AggregatorRegistry.aggregate(await read()).metrics() }
}

function registryOf({ hub, tally, readiness }: MetricsSource): Registry {
  const to = new Registry()
  const build = { name: 'voicechat_build_info', help: 'Always 1; its label tells the release.', registers: [to] }
  new Gauge({ ...build, aggregator: 'first', labelNames: ['version'] }).set({ version: VERSION }, 1)
  const ready = () => (readiness.holds.length > 0 ? 0 : 1)
  gauge(to, 'voicechat_ready', '1 while it takes new calls, 0 while it starts or drains.', ready, 'min')

  gauge(to, 'voicechat_peers', 'Peers online.', () => hub.peers)
  gauge(to, 'voicechat_sockets', 'Websockets open, also those that have not logged in.', () => hub.sockets)
  gauges(to, 'voicechat_calls', 'Calls whose two sides are here.', 'route', () => hub.callsByRoute)
  counter(to, 'voicechat_calls_started_total', 'Calls begun.', () => tally.callsStarted)
  counter(to, 'voicechat_calls_resumed_total', 'Times that somebody came back to a call.', () => tally.callsResumed)
  counters(to, 'voicechat_calls_ended_total', 'Calls ended.', 'reason', () => tally.callsEnded)

  counter(to, 'voicechat_logins_total', 'Logins accepted.', () => tally.logins)
  counters(to, 'voicechat_logins_refused_total', 'Connections not let in.', 'reason', () => tally.refused)
  counters(to, 'voicechat_connections_closed_total', 'Websockets that are over.', 'reason', () => tally.closed)
  const rejected = 'Connections that came no further than HTTP.'
  counters(to, 'voicechat_requests_rejected_total', rejected, 'reason', () => tally.rejected)

  counter(to, 'voicechat_relay_frames_total', 'Frames of voice written to the other side.', () => tally.frames)
  counter(to, 'voicechat_relay_bytes_total', 'Bytes of these, as they are sealed.', () => tally.bytes)
  counters(to, 'voicechat_relay_drops_total', 'Frames of voice that went nowhere.', 'reason', () => tally.drops)
  const quota = 'Calls not begun, or no more relayed, as a quota was used up.'
  counters(to, 'voicechat_quota_refused_total', quota, 'quota', () => tally.quotaRefused)
  const nearly = 'Ids or addresses that have used more than 80 % of a quota.'
  gauges(to, 'voicechat_quota_nearly_used', nearly, 'quota', () => hub.quotasNearlyUsedUp)
  const cluster = () => hub.cluster?.figures
  gauge(
    to,
    'voicechat_cluster_up',
    '1 while the others of its cluster can be reached.',
    () => cluster()?.up ?? 0,
    'min',
  )
  gauge(to, 'voicechat_cluster_servers', 'Other servers of its cluster.', () => cluster()?.servers ?? 0, 'max')
  const unclaimed = 'Ids let in that could not be claimed in the cluster yet.'
  gauge(to, 'voicechat_cluster_names_unclaimed', unclaimed, () => hub.unclaimedNames)
  gauges(to, 'voicechat_cluster_sessions', 'People whose call and socket are at two servers.', 'here', () => ({
    call: cluster()?.remote ?? 0,
    socket: cluster()?.attached ?? 0,
  }))
  const latency = new Histogram({
    name: 'voicechat_relay_latency_seconds',
    help: 'From reading a frame to having written it, of one frame in 64.',
    buckets: LATENCIES,
    registers: [to],
  })
  tally.onLatency = ms => latency.observe(ms / 1000)

  addProcessMetrics(to)
  return to
}
