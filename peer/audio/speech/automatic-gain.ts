/** Brings speech to an ordinary level, slowly: who sits far from the microphone up, who shouts into it down. */
import { FULL, KNEE } from '../gain.js'
import { BLOCK_S } from './block.js'

/** Speech of this level, dBFS RMS while it lasts, and up to so far from it, dB, is left alone. */
const TARGET = -20
const LEFT_ALONE = 3
/** The gain stays within, dB. */
const MOST = 18
const LEAST = -12
/** How fast it rises and falls, dB a second of speech; and how fast it falls while it makes peaks too loud, speech or not. */
const RISE = 3
const FALL = 10
const RETREAT = 30
/** A peak that the gain would take above this is kept there at once, and what that takes is given back so fast, dB a second. */
const CEILING = 0.9 * FULL
const RELEASE = 40
/** At once: within so many samples, 2.5 ms. */
const AT_ONCE = 120
/** The level of speech is the mean of about so much of it, s; until there is this much, nothing is decided. */
const MEMORY_S = 1.5
const ENOUGH_S = 0.3

const MEMORY_BLOCKS = Math.round(MEMORY_S / BLOCK_S)
const ENOUGH_BLOCKS = Math.round(ENOUGH_S / BLOCK_S)
const RELEASED = factor(RELEASE * BLOCK_S)

export class AutomaticGain {
  #spoken = 0
  /** Mean power of speech as it comes in, full scale is 1. */
  #power = 0
  #db = 0
  /** What the last sample was multiplied by. */
  #now = 1

  /** The gain, dB. */
  get db(): number {
    return this.#db
  }

  /**
   * Changes a block (10 ms, scale of 16 bits) in place; `speech`: it is some. A new gain is reached in a straight line,
   * by its end or, where something is too loud, soon.
   */
  apply(block: Float32Array, speech: boolean): void {
    let sum = 0
    let peak = 0
    for (let i = 0; i < block.length; i++) {
      const sample = block[i]!
      sum += sample * sample
      if (sample > peak) peak = sample
      else if (-sample > peak) peak = -sample
    }
    if (speech) this.#listen(sum / block.length / 32768 ** 2)
    if (this.#db > 0 && peak * factor(this.#db) > KNEE) this.#db = Math.max(0, this.#db - RETREAT * BLOCK_S)
    const wanted = factor(this.#db)
    const tooLoud = wanted > 1 && peak * wanted > CEILING
    const to = tooLoud ? Math.max(1, CEILING / peak) : Math.min(wanted, Math.max(1, this.#now) * RELEASED)
    const from = this.#now
    this.#now = to
    if (from === 1 && to === 1) return
    const way = to < from && tooLoud ? AT_ONCE : block.length
    const step = (to - from) / way
    for (let i = 0; i < block.length; i++) block[i] = block[i]! * (i < way ? from + step * (i + 1) : to)
  }

  #listen(power: number): void {
    if (this.#spoken < MEMORY_BLOCKS) this.#spoken++
    this.#power += (power - this.#power) / this.#spoken
    if (this.#spoken < ENOUGH_BLOCKS) return
    const wanted = wantedFor(10 * Math.log10(this.#power + 1e-12))
    this.#db = Math.min(this.#db + RISE * BLOCK_S, Math.max(this.#db - FALL * BLOCK_S, wanted))
  }
}

/** The gain that speech of this level (dBFS) should have, dB. */
function wantedFor(level: number): number {
  const off = TARGET - level
  if (Math.abs(off) <= LEFT_ALONE) return 0
  return off > 0 ? Math.min(MOST, off - LEFT_ALONE) : Math.max(LEAST, off + LEFT_ALONE)
}

function factor(db: number): number {
  return 10 ** (db / 20)
}
