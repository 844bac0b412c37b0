/** What a process has used, from Linux's /proc (proc(5)); null where there is none. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

export interface Usage {
  /** All threads, user and system, ms, since the process began. In steps of the kernel's clock tick, usually 10 ms. */
  readonly cpuMs: number
  /** When it was read, ms. */
  readonly at: number
}

export interface Memory {
  /** Resident, MiB: what it shares with other Node processes counts in full. */
  readonly rss: number
  /** Proportional, MiB: what is shared is divided among those who share it. */
  readonly pss: number
}

let ticks: number | undefined

export function usageOf(pid: number | undefined): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold anything; the fields behind it begin with the third.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' }))
    return { cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks, at: performance.now() }
  } catch {
    return null
  }
}

export function memoryOf(pid: number | undefined): Memory | null {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1])
    return { rss: kib('Rss') / 1024, pss: kib('Pss') / 1024 }
  } catch {
    return null
  }
}

/** What the scheduler has given all threads of a process so far, ms, to the nanosecond; NaN where it does not tell. */
export function ranMs(pid: number | undefined): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const ns = threads.map(thread =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
    )
    return ns.reduce((sum, one) => sum + one, 0) / 1e6
  } catch {
    return Number.NaN
  }
}

/** The same of several together. */
export function allRanMs(pids: readonly (number | undefined)[]): number {
  return pids.reduce<number>((all, pid) => all + ranMs(pid), 0)
}

/** Processes that a process has started and that run. */
export function childrenOf(pid: number | undefined): number[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

/** CPU between two looks, % of one core. */
export function percentOfCore(from: Usage | null, to: Usage | null): number {
  return from && to ? (100 * (to.cpuMs - from.cpuMs)) / (to.at - from.at) : Number.NaN
}
