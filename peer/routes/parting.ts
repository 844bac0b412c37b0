/**
 * The last message of a connection: its sender closes. The engines tell that as well, but not each time: of a native connection that was
 * closed a moment after it had opened Chromium learned nothing in 1 of 50, since no more than SCTP's shutdown came.
 */
import { equalBytes, utf8 } from '../../protocol/bytes.js'

/** Sealed frames are far longer. */
export const PARTING: Uint8Array = utf8('closing')

export function isParting(message: Uint8Array): boolean {
  return equalBytes(message, PARTING)
}
