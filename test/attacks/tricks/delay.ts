/** Brings things late, and in another order. */
import { flightIn } from './flights.js'
import { sealedIn } from './frames.js'
import { type MakeTrick, type Passing, pick } from './trick.js'

/** ms, from none to this. */
const delaying =
  (what: string, mostMs: number, isIt: (passing: Passing) => boolean): MakeTrick =>
  ({ random, did }) => {
    return passing => {
      if (!isIt(passing)) return passing.pass()
      did(`delayed ${what}`)
      // The bytes may be used for something else meanwhile.
      const data = typeof passing.data === 'string' ? passing.data : passing.data.slice()
      setTimeout(() => passing.pass(data), random.between(0, mostMs))
    }
  }

const frames = delaying('frames', 150, passing => passing.direction === 'down' && sealedIn(passing) !== null)
const flights = delaying('flights', 3_000, passing => passing.direction === 'up' && flightIn(passing) !== null)
const texts = delaying(
  'what is said to the server',
  1_500,
  ({ direction, message }) => direction === 'up' && message !== null,
)

export const delay: MakeTrick = (mallory, seed) => pick([frames, flights, texts], seed)(mallory, seed)
