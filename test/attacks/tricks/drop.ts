/** Drops: each flight of the key agreement, or each kind of message, or frames. */
import { flightIn } from './flights.js'
import { isAcknowledgement, sealedIn } from './frames.js'
import { type MakeTrick, type Mallory, type Passing, pick } from './trick.js'

type Victim = readonly [what: string, isIt: (passing: Passing, mallory: Mallory) => boolean]

const flight = (number: number): Victim => [
  `M${number}`,
  passing => passing.direction === 'up' && flightIn(passing)?.number === number,
]
const text = (type: string): Victim => [type, ({ message }) => message?.type === type]

/** By the seed, in this order. What it is that a call is good for without, the test says. */
export const victims: readonly Victim[] = [
  flight(1),
  flight(2),
  flight(3),
  flight(4),
  ['a third of the frames', (passing, { random }) => sealedIn(passing) !== null && random.chance(1 / 3)],
  ['acknowledgements', isAcknowledgement],
  text('ice'),
  text('matched'),
  text('pong'),
  text('leave'),
]

export const drop: MakeTrick = (mallory, seed) => {
  const [what, isIt] = pick(victims, seed)
  return passing => {
    if (isIt(passing, mallory)) mallory.did(`dropped ${what}`)
    else passing.pass()
  }
}
