/** What tells a running process from every other one, also when its number is given to another later. Node's alone. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessMark {
  /** The machine since its last start, and the set of processes (container) in it, within which `pid` means something. */
  readonly where: string
  readonly pid: number
  /** When it began, in ticks since the machine's start; null where the system does not tell (other than Linux). */
  readonly began: string | null
}

/** This process. */
export const ownMark: ProcessMark = { where: ownWhere(), pid: process.pid, began: statOf(process.pid)?.began ?? null }

/** Whether it still runs; null where that can't be seen from here: another machine, or container, or before a restart. */
export function stillRuns({ where, pid, began }: ProcessMark): boolean | null {
  if (where !== ownMark.where) return null
  if (began !== null) {
    const stat = statOf(pid)
    return stat !== null && stat.began === began && !'ZX'.includes(stat.state)
  }
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function ownWhere(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** proc(5): fields 3 and 22, counted behind the name, which may hold anything. */
function statOf(pid: number): { state: string; began: string } | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, began] = [fields[0], fields[19]]
  return state === undefined || began === undefined ? null : { state, began }
}
