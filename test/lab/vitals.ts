/**
 * Loaded into a program that a test watches (node --import vitals.js): tells on stdout, a JSON line each half second (vitals.js?ms=
 * for another time: with thousands of sockets a look takes long), what the process holds and how late its event loop was. SIGUSR2: collects garbage first (--expose-gc), and says so.
 */
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

export interface Vitals {
  /** Epoch ms. */
  readonly at: number
  readonly collected: boolean
  readonly rssMb: number
  readonly heapMb: number
  /** Handles of the event loop (sockets, timers), and open files. */
  readonly handles: number
  readonly files: number
  /** How late a timer of 1 ms was since the last line, ms: the worst one. */
  readonly loopMs: number
}

export interface VitalsLine {
  readonly vitals: Vitals
}

const EVERY_MS = Number(new URL(import.meta.url).searchParams.get('ms') ?? 500)

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const tell = (collected: boolean) => {
    const { rss, heapUsed } = process.memoryUsage()
    const mb = (bytes: number) => Math.round((10 * bytes) / 2 ** 20) / 10
    const vitals: Vitals = {
      at: Date.now(),
      collected,
      rssMb: mb(rss),
      heapMb: mb(heapUsed),
      handles: process.getActiveResourcesInfo().filter(name => name !== 'Timeout' && name !== 'Immediate').length,
      files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : Number.NaN,
      loopMs: Math.round(delay.max / 1e5) / 10,
    }
    delay.reset()
    process.stdout.write(`${JSON.stringify({ vitals } satisfies VitalsLine)}\n`)
  }
  setInterval(() => tell(false), EVERY_MS).unref()
  process.on('SIGUSR2', () => {
    for (let n = 0; n < 3; n++) globalThis.gc?.()
    tell(true)
  })
}
