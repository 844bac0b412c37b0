/** The clock of a sound card, and how a program beside it is scheduled. */
import { SAMPLES_PER_MS } from '../../peer/audio/codec.js'
import type { Clock } from '../../protocol/clock.js'
import type { Sound } from '../measure/sound.js'
import type { SeededRandom } from '../simulation/seeded-random.js'

/** A card whose samples come `driftPpm` millionths faster than the machine's clock. */
export interface Card {
  readonly driftPpm: number
}

/** Samples of the card in a millisecond of the machine. */
export function samplesPerMs({ driftPpm }: Card): number {
  return SAMPLES_PER_MS * (1 + driftPpm / 1e6)
}

/** A program is late by so much on average, and at most, ms. */
const LATE_MS = 0.3
const LATEST_MS = 4

/** The same clock for a program that shares its machine with others: each timer is late by a little (exponentially distributed). */
export function busyClock(clock: Clock, random: SeededRandom): Clock {
  return {
    now: () => clock.now(),
    setTimeout: (fn, ms) => clock.setTimeout(fn, Math.max(0, ms) + lateness(random)),
    clearTimeout: timer => clock.clearTimeout(timer),
  }
}

function lateness(random: SeededRandom): number {
  return Math.min(LATEST_MS, -LATE_MS * Math.log(1 - random.next()))
}

/** What a card took or gave from `startedAt` (machine's ms) on, on the machine's time: 48 kHz by that, cubic between samples. */
export function onMachineTime(samples: Int16Array, card: Card, startedAt: number): Sound {
  const step = samplesPerMs(card) / SAMPLES_PER_MS
  const out = new Float32Array(Math.max(0, Math.floor((samples.length - 3) / step)))
  for (let i = 0; i < out.length; i++) {
    const place = i * step
    const at = Math.floor(place)
    out[i] = (step === 1 ? samples[at]! : cubic(samples, at, place - at)) / 32_768
  }
  return { samples: out, rate: SAMPLES_PER_MS * 1000, startedAt }
}

/** Lagrange through the two samples before and the two after. */
function cubic(samples: Int16Array, at: number, part: number): number {
  const [a, b, c, d] = [samples[Math.max(0, at - 1)]!, samples[at]!, samples[at + 1]!, samples[at + 2]!]
  const [p, q] = [part + 1, part - 2]
  return (
    (-a * part * (part - 1) * q) / 6 +
    (b * p * (part - 1) * q) / 2 -
    (c * p * part * q) / 2 +
    (d * p * part * (part - 1)) / 6
  )
}
