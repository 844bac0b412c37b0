/** Does the engine of the direct route load, and can it connect two ends on this machine? */

import { reasonOf } from '../../protocol/reason.js'
import type { Connect, Connection, ConnectionEvents } from '../routes/connection.js'
import { type Finding, fault, okay, warning } from './finding.js'

export interface DirectProbe {
  /** Rejects where none loads. `instead`: why it is not the native one. */
  readonly load: () => Promise<{ readonly name: string; readonly connect: Connect; readonly instead?: string }>
  readonly now: () => number
  /** After this no more is waited for, ms. */
  readonly patienceMs: number
  /** The person wants no other route: without it there is no call. */
  readonly needed: boolean
}

export async function checkDirect({ load, now, patienceMs, needed }: DirectProbe): Promise<Finding> {
  const bad = needed ? fault : warning
  const otherwise = needed
    ? 'Or leave --route direct away: calls then work over the relay.'
    : 'Calls work over the relay.'
  try {
    const { name, connect, instead } = await load()
    const startedAt = now()
    const why = await connectToItself(connect, patienceMs)
    if (why !== null)
      return bad(
        `The engine (${name}) loads, but a connection from this machine to itself does not open: ${why}.`,
        `A firewall of this machine may block it, or it has no network. ${otherwise}`,
      )
    const seen = `The engine (${name}) works: a connection from this machine to itself opened after ${Math.round(now() - startedAt)} ms.`
    if (instead === undefined) return okay(seen)
    return warning(`${seen} The native one does not load: ${instead}`, 'It works, but takes more of the processor.')
  } catch (error) {
    const why = reasonOf(error)
    return bad(`No engine for the direct route loads: ${why}`, `Install the package again (npm install). ${otherwise}`)
  }
}

/** Null when both ends opened and a message went through; else why not, the end of a sentence. */
function connectToItself(connect: Connect, patienceMs: number): Promise<string | null> {
  return new Promise(resolve => {
    const ends: Connection[] = []
    const finish = (why: string | null) => {
      clearTimeout(timer)
      for (const end of ends) end.close()
      resolve(why)
    }
    const timer = setTimeout(() => finish('it takes too long'), patienceMs)
    const events = (other: 0 | 1): ConnectionEvents => ({
      signal: signal => setImmediate(() => ends[other]?.signal(signal)),
      // Unordered and unreliable: the first may be lost before the other end has opened too.
      open: () => {
        for (const ms of [0, 100, 300, 600]) setTimeout(() => ends[1 - other]?.send(Uint8Array.of(1)), ms).unref()
      },
      message: () => finish(null),
      failed: finish,
    })
    ends.push(connect(events(1), []), connect(events(0), []))
    ends[1]?.start(false)
    ends[0]?.start(true)
  })
}
