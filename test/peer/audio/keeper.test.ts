import t from 'tap'
import { AudioProblem } from '../../../peer/audio/audio.js'
import { Keeper } from '../../../peer/audio/keeper.js'
import { VirtualClock } from '../../virtual-clock.js'

const gone = new AudioProblem('deviceLost', 'Gone.', 'Plug it in.')

function world() {
  const clock = new VirtualClock(0)
  const log: string[] = []
  let there = true
  let lose = (_problem: AudioProblem) => {}
  const device = {
    prepare: async () => {
      log.push('look')
      if (!there) throw new AudioProblem('noSuchDevice', 'Not there.', '')
    },
    close: async () => {
      log.push('close')
    },
  }
  const opens = async (onLost: typeof lose) => {
    log.push('open')
    lose = onLost
    return clock.now()
  }
  const keeper = new Keeper(clock, device, opens, { lost: () => log.push('lost'), back: () => log.push('back') })
  /** Lets time pass and promises settle. */
  const pass = async (ms: number) => {
    for (let i = 0; i < ms; i += 100) {
      clock.advance(100)
      for (let n = 0; n < 10; n++) await null
    }
  }
  const taken = () => log.splice(0).join(' ')
  return { clock, keeper, pass, taken, lose: (problem = gone) => lose(problem), plug: (is: boolean) => (there = is) }
}

t.test('looks for a lost device each second, until it is back', async t => {
  const { keeper, pass, taken, lose, plug } = world()
  await keeper.open()
  plug(false)
  lose()
  t.equal(taken(), 'open lost')
  await pass(3500)
  t.equal(taken(), 'look look look')
  plug(true)
  await pass(1000)
  t.equal(taken(), 'look open back')
  await pass(5000)
  t.equal(taken(), '')
  lose()
  await pass(1000)
  t.equal(taken(), 'lost look open back', 'and again')
})

t.test('does not begin anew what cannot come back', async t => {
  const { clock, keeper, pass, taken, lose } = world()
  await keeper.open()
  lose(new AudioProblem('cannotWrite', 'The disk is full.', ''))
  await pass(3000)
  t.equal(taken(), 'open lost')
  t.equal(clock.pending, 0)
})

t.test('looks for nothing after the call', async t => {
  const { clock, keeper, pass, taken, lose, plug } = world()
  await keeper.open()
  plug(false)
  lose()
  await keeper.close()
  plug(true)
  await pass(3000)
  t.equal(taken(), 'open lost close')
  lose()
  t.equal(taken(), '')
  t.equal(clock.pending, 0)
})

t.test('gives a device back that opens while the call ends', async t => {
  const { clock, keeper, taken, lose } = world()
  await keeper.open()
  lose()
  clock.advance(1000)
  await keeper.close()
  t.match(taken(), /close$/)
  t.equal(clock.pending, 0)
})
