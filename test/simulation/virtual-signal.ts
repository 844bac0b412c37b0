/** What the simulated direct connections signal: texts as long as real ones, marked so that a test finds any that the server saw. */
import type { Signal } from '../../peer/routes/connection.js'

/** In each offer, answer and candidate. */
export const CANDIDATE_MARK = 'candidate-of-the-simulated-world'

/** About how long SDP of a data channel is, and a candidate, characters. */
const LENGTH = { offer: 440, answer: 420, candidate: 110 }

/** `value`: the connection's own name, or an endpoint. */
export function signalText(kind: Signal['kind'], value: string): string {
  return `${CANDIDATE_MARK} ${kind} ${value} `.padEnd(LENGTH[kind], '.')
}

/** The value in a signal of the other side; null: not understood. */
export function readSignal({ kind, text }: Signal): string | null {
  const [mark, written, value] = text.split(' ')
  if (mark !== CANDIDATE_MARK || written !== kind || !value) return null
  return kind === 'candidate' && !/^\d{1,12}$/.test(value) ? null : value
}
