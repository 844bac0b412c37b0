/** Sends back to each side what it said itself: flights or frames, beside what the other side says or in its place. */
import { flightIn } from './flights.js'
import { inPlaceOf, sealedIn } from './frames.js'
import { type Client, type MakeTrick, type Passing, pick } from './trick.js'

const reflecting =
  (what: string, isIt: (passing: Passing) => boolean, instead: boolean): MakeTrick =>
  ({ did }) => {
    /** The last true frame to each: its header is that of what is sent back, so that the leg has nothing to complain about. */
    const last = new Map<Client, Passing>()
    return passing => {
      const { client, direction, data, pass } = passing
      if (direction === 'down' && sealedIn(passing)) last.set(client, { ...passing, data: data.slice() })
      const back = direction === 'up' && isIt(passing)
      if (back) {
        did(`sent ${what} back`)
        const sealed = sealedIn(passing)
        const before = last.get(client) ?? passing
        client.say(sealed ? inPlaceOf(before, sealed) : data)
      }
      if (!back || !instead) pass()
    }
  }

const isFlight = (passing: Passing) => flightIn(passing) !== null
const isFrame = (passing: Passing) => sealedIn(passing) !== null

const kinds = [
  reflecting('flights', isFlight, false),
  reflecting('flights', isFlight, true),
  reflecting('frames', isFrame, false),
  reflecting('frames', isFrame, true),
]

export const reflect: MakeTrick = (mallory, seed) => pick(kinds, seed)(mallory, seed)
