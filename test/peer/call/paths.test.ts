import t from 'tap'
import { CallRig } from './rig.js'
import { Search, takenIn, type Way } from './search.js'
import { keyOf, nameOf, states, transitions } from './transitions.js'

const search = new Search()
const keys = transitions.map(keyOf)
const inputs = [
  {},
  { wants: 'relay' },
  { wants: 'direct' },
  { waitMs: 1_000 },
  { talkMs: 1_000 },
  { oneGuess: true },
] as const
search.run(inputs, 8, () => keys.every(key => search.taken.has(key)))

/** What the real machine takes on this way, read from inspection; the virtual clock runs its timers. */
function play({ input, steps }: Way): Set<string> {
  const rig = new CallRig(input)
  const taken = new Set<string>()
  rig.actor.system.inspect(event => {
    if (event.type === '@xstate.microstep' && event.actorRef === rig.actor)
      for (const transition of takenIn(event)) taken.add(keyOf(transition))
  })
  for (const step of steps) typeof step === 'number' ? rig.wait(step) : rig.send(step)
  return taken
}

t.test('takes every transition, by a shortest way to each', async t => {
  const ways = new Map<Way, Set<string>>()
  const missed = keys.filter(key => {
    const way = search.taken.get(key)
    if (!way) return true
    const taken = ways.get(way) ?? play(way)
    ways.set(way, taken)
    return !taken.has(key)
  })
  t.same(missed, [], 'none is out of reach')
  const longest = Math.max(...[...ways.keys()].map(({ moves }) => moves.length))
  t.comment(
    `${keys.length} transitions, ${keys.length - missed.length} taken, on ${ways.size} ways of up to ${longest} moves`,
  )
})

t.test('enters every state', async t => {
  /** States that are left in the same moment show in the transitions alone. */
  const sources = new Set(transitions.filter(one => search.taken.has(keyOf(one))).map(({ source }) => source))
  const missed = states.map(nameOf).filter(name => !search.reached.has(name) && !sources.has(name))
  t.same(missed, [], 'none is out of reach')
  t.comment(`${states.length} states, ${states.length - missed.length} entered`)
})
