/** Says again what was said: flights, frames, what the server told, logins. */
import { flightIn } from './flights.js'
import { inPlaceOf, sealedIn } from './frames.js'
import { type Client, type MakeTrick, pick } from './trick.js'

/** So many old ones are kept. */
const KEPT = 256

/** Each flight twice, and one of those before it as well, to the one that it was for. */
const flights: MakeTrick = ({ random, did }) => {
  const old = new Map<Client, string[]>()
  return passing => {
    const { client, direction, data, pass } = passing
    pass()
    if (direction === 'up' || !flightIn(passing)) return
    did('said a flight again')
    pass()
    const before = old.get(client) ?? []
    old.set(client, before)
    before.push(String(data))
    client.say(before[Math.floor(random.between(0, before.length))]!)
  }
}

/** After each frame an old one, in either direction of the two. */
const frames: MakeTrick = ({ random, did }) => {
  const old: Uint8Array[] = []
  return passing => {
    const { direction, pass } = passing
    pass()
    const sealed = direction === 'down' ? sealedIn(passing) : null
    if (!sealed) return
    old.push(sealed)
    if (old.length > KEPT) old.shift()
    did('said frames again')
    pass(inPlaceOf(passing, old[Math.floor(random.between(0, old.length))]!))
  }
}

/** What the server told of the call, later and again. */
const news: MakeTrick = ({ random, did }) => {
  const old: string[] = []
  return passing => {
    const { direction, data, message, pass } = passing
    pass()
    if (direction === 'up') return
    if (message) {
      if (['matched', 'presence', 'online', 'challenge', 'ice'].includes(message.type)) old.push(String(data))
    } else if (random.chance(0.1)) {
      did('told old news')
      pass(old[Math.floor(random.between(0, old.length))])
    }
  }
}

/** Logs in once more with each login that came. */
const logins: MakeTrick = ({ did, enter }) => {
  return ({ direction, data, message, pass }) => {
    pass()
    if (direction === 'down' || message?.type !== 'login') return
    did('said a login again')
    enter(String(data))
  }
}

export const replay: MakeTrick = (mallory, seed) => pick([flights, frames, news, logins], seed)(mallory, seed)
