/** Loaded into a peer (NODE_OPTIONS=--import=...): SIGUSR2 makes its main thread stand still for a second. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const STALL_MS = 1000

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS))
  process.on('exit', () => {
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map(ns => (ns / 1e6).toFixed(1))
    process.stderr.write(`event loop: p50 ${p50} p99 ${p99} max ${max} ms, of which 5 are the timer's\n`)
  })
}
