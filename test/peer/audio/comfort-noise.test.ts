import t from 'tap'
import { ComfortNoise } from '../../../peer/audio/comfort-noise.js'
import { levelOf } from '../../../peer/audio/level.js'
import { SeededRandom } from '../../simulation/seeded-random.js'

/** A room at `db` with someone who speaks half of the time. `colour`: how much neighbouring samples have in common. */
function room(noise: ComfortNoise, db: number, colour: number, frames: number): void {
  const random = new SeededRandom(1)
  const size = 32768 * 10 ** (db / 20) * Math.sqrt(3 * (1 - colour ** 2))
  let last = 0
  for (let at = 0; at < frames; at++) {
    const speaks = at % 50 < 25
    noise.note(
      Int16Array.from({ length: 960 }, (_, i) => {
        last = colour * last + random.between(-size, size)
        return Math.round(last + (speaks ? 5000 * Math.sin(i / 8) : 0))
      }),
    )
  }
}

function made(noise: ComfortNoise): Int16Array {
  noise.prepare()
  return Int16Array.from({ length: 48_000 }, () => Math.round(noise.next()))
}

t.test('is as loud as the room between the words, and of its colour', async t => {
  for (const [db, colour] of [
    [-70, 0],
    [-60, 0.9],
    [-55, 0.5],
  ] as const) {
    const noise = new ComfortNoise()
    room(noise, db, colour, 400)
    const samples = made(noise)
    t.ok(Math.abs(levelOf(samples) - db) < 3, `${levelOf(samples).toFixed(1)} dBFS for ${db}`)
    let [cross, sum] = [0, 0]
    for (let i = 1; i < samples.length; i++) {
      cross += samples[i]! * samples[i - 1]!
      sum += samples[i]! ** 2
    }
    t.ok(Math.abs(cross / sum - colour) < 0.1, `${(cross / sum).toFixed(2)} for ${colour}`)
  }
})

t.test('is never loud, and nothing while nothing is known', async t => {
  const [loud, fresh] = [new ComfortNoise(), new ComfortNoise()]
  room(loud, -30, 0.5, 400)
  t.ok(Math.abs(levelOf(made(loud)) + 50) < 1)
  room(fresh, -60, 0.5, 74)
  t.equal(levelOf(made(fresh)), -100)
})

t.test('follows a room that becomes quieter at once, and one that becomes louder within six seconds', async t => {
  const noise = new ComfortNoise()
  room(noise, -55, 0.5, 400)
  room(noise, -70, 0.5, 50)
  t.ok(Math.abs(levelOf(made(noise)) + 70) < 3)
  room(noise, -55, 0.5, 400)
  t.ok(Math.abs(levelOf(made(noise)) + 55) < 3)
})
