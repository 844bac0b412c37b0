/** The ids that people may have, and call. */
import { parseId } from '../../protocol/id.js'
import { isRendezvous } from '../../protocol/rendezvous.js'
import { fail, type Result } from '../../protocol/result.js'

/** As `parseId`, but for the ids of one-time calls: a server gives those to whoever comes first. */
export function parsePersonId(text: string): Result<string, 'badId'> {
  if (isRendezvous(text)) return fail('badId', 'A number with .a or .b is kept for one-time calls: choose another id.')
  return parseId(text)
}
