/** Calls over the relay alone, for tests. */
import { PLAINTEXT } from './virtual-sound.js'
import { type Person, World } from './world.js'

/** Whether both talk over the relay. */
export const talking = (...people: Person[]) =>
  people.every(({ peer }) => peer.view.state === 'talking' && peer.view.route === 'relay')

/** A machine without an engine for direct connections. */
export const relayOnly = { direct: false }

/** Two people who talk over the relay. */
export async function call(seed: number, password: string | null = 'open sesame') {
  const world = new World(seed)
  const leaks = leaksOf(world)
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, password, relayOnly)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, password, relayOnly)
  if (!(await world.until(() => talking(abc, xyz), 5_000))) throw new Error('they do not talk')
  return { world, abc, xyz, leaks }
}

/** Counts messages on the wire that hold a packet in the clear. */
export function leaksOf(world: World) {
  const leaks = { count: 0 }
  world.onWire.push(({ data }) => {
    if (typeof data !== 'string' && Buffer.from(data).includes(Buffer.from(PLAINTEXT))) leaks.count++
  })
  return leaks
}
