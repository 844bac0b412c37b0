/** Does the server answer, how soon, and is it of this version? */
import type { IceServers } from '../../protocol/ice.js'
import type { Result } from '../../protocol/result.js'
import { type Finding, fault, okay, skipped, warning } from './finding.js'

/** What a visit to the server told. */
export interface ServerFacts {
  readonly url: string
  /** `voicechat-server/0.1.0` */
  readonly name: string
  /** From dialling to being logged in; the middle one of some round trips; ms. */
  readonly loginMs: number
  readonly rttMs: number
  readonly ice: IceServers | null
  /** The server's calendar, in whole seconds, and this machine's in the same moment, epoch ms; null: it told none. */
  readonly date: { readonly server: number; readonly own: number } | null
}

/** Null: there is no server to look at. The error is a sentence. */
export type ServerVisit = Result<ServerFacts> | null

/** A relay that is farther away makes a conversation hard, ms (ITU-T G.114 names 150 for one way). */
const FAR_MS = 250

export const NO_SERVER = 'No server was given and none runs here'

/** `version`: of this program. */
export function checkServer(visit: ServerVisit, version: string): Finding {
  if (!visit) return skipped(`${NO_SERVER}: a call starts its own.`, 'Name one with --server to have it checked.')
  if (!visit.ok && visit.error.name === 'notAllowed')
    return fault(visit.error.message, 'If you are a member, name the id that you use there: doctor --id ABC.')
  if (!visit.ok) return fault(visit.error.message, 'Check its address, that it runs, and that its port is open.')
  const { url, name, loginMs, rttMs } = visit.value
  const seen = `${url} is ${name}; logged in after ${Math.round(loginMs)} ms, round trip ${rttMs.toFixed(1)} ms.`
  const theirs = name.split('/')[1] ?? ''
  if (theirs !== version)
    return warning(`${seen} This program is ${version}.`, 'Both work together now; update the older one.')
  if (rttMs > FAR_MS)
    return warning(`${seen} That is far away.`, 'Voice over the relay will be late: use a server that is nearer.')
  return okay(seen)
}
