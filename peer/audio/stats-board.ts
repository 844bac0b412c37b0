import type { AudioStats } from './audio.js'
import { SILENCE_DB } from './level.js'

/** The order in which the figures stand in memory. */
const FIELDS = [
  'framesPlayed',
  'framesLost',
  'framesConcealed',
  'framesLate',
  'underruns',
  'bufferMs',
  'jitterMs',
  'scaledMs',
  'levelIn',
  'levelOut',
  'captureDropped',
  'playoutDropped',
] as const satisfies readonly (keyof AudioStats)[]

/** The sound's figures in shared memory: one thread writes them, another reads. Each figure is whole; all are fresh soon. */
export class StatsBoard {
  readonly buffer: SharedArrayBuffer
  readonly #values: Float64Array

  /** Without `buffer` a new one, which says that nothing happened and all is silent. */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(8 * FIELDS.length)
    this.#values = new Float64Array(this.buffer)
    if (buffer) return
    for (const level of ['levelIn', 'levelOut'] as const) this.#values[FIELDS.indexOf(level)] = SILENCE_DB
  }

  write(stats: AudioStats): void {
    for (const [i, field] of FIELDS.entries()) this.#values[i] = stats[field]
  }

  read(): AudioStats {
    return Object.fromEntries(FIELDS.map((field, i) => [field, this.#values[i]])) as unknown as AudioStats
  }
}
