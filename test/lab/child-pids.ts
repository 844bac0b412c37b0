import { readFileSync } from 'node:fs'

/** The processes that one has started and that still run, in the order in which they were started (Linux). */
export function childPids(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}
