/** Does this machine's calendar agree with the server's? Certificates and TURN credentials end by it. */
import { type Finding, fault, okay, skipped } from './finding.js'
import { NO_SERVER, type ServerVisit } from './server.js'

/** Farther apart is wrong, ms. */
const APART_MS = 60_000

export function checkClock(visit: ServerVisit): Finding {
  if (!visit) return skipped(`${NO_SERVER}: there is no other clock to compare with.`)
  if (!visit.ok) return skipped('The server was not reached: there is no other clock to compare with.')
  const { date } = visit.value
  if (!date) return skipped('The server does not tell its time.', 'Update the server.')
  // It is cut down to whole seconds: on average half of one is missing.
  const aheadMs = date.own - (date.server + 500)
  const by = span(Math.abs(aheadMs))
  if (Math.abs(aheadMs) < APART_MS) return okay(`This clock and the server's agree within ${by}.`)
  return fault(
    `This clock is ${by} ${aheadMs > 0 ? 'ahead of' : 'behind'} the server's.`,
    "Set the date by the network (Linux: timedatectl set-ntp true); or the server's, if this one is right.",
  )
}

function span(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
