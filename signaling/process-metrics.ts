/**
 * How the process is. The usual names, and not prom-client's own set of metrics: that lists all files and sockets each time, for which the
 * voice would have to wait, and what it calls the lag of the event loop holds the time between two looks at it.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Registry } from 'prom-client'
import { counter, gauge, gauges } from './metric.js'

/** Between two looks, ms. */
const LOOK_MS = 10
const PERCENTILES = ['50', '90', '99', '100']

export function addProcessMetrics(registry: Registry): void {
  counter(registry, 'process_cpu_seconds_total', 'CPU time, of all threads.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  gauge(registry, 'process_start_time_seconds', 'When it started, in seconds since 1970.', startedAt, 'min')
  gauge(registry, 'process_resident_memory_bytes', 'Memory that the system gave it.', () => process.memoryUsage.rss())
  gauge(registry, 'nodejs_heap_size_total_bytes', 'The heap.', () => process.memoryUsage().heapTotal)
  gauge(registry, 'nodejs_heap_size_used_bytes', 'What of it is in use.', () => process.memoryUsage().heapUsed)
  gauge(registry, 'nodejs_external_memory_bytes', 'Buffers beside the heap.', () => process.memoryUsage().external)

  const delay = monitorEventLoopDelay({ resolution: LOOK_MS })
  delay.enable()
  const help =
    'How much later than it should the event loop got to its timers since it was asked last; 100 is the most.'
  gauges(
    registry,
    'voicechat_event_loop_lag_seconds',
    help,
    'percentile',
    () => {
      const late = (ns: number) => Math.max(0, ns / 1e9 - LOOK_MS / 1000)
      const lags = PERCENTILES.map(text => [text, delay.count > 0 ? late(delay.percentile(Number(text))) : 0])
      delay.reset()
      return Object.fromEntries(lags)
    },
    'max',
  )
}

/** Seconds since 1970: the same each time, whatever becomes of the system's clock. */
function startedAt(): number {
  return performance.timeOrigin / 1000
}
