import type { Clock, Timer } from '../../protocol/clock.js'
import type { AudioProblem } from './audio.js'

/** How often a lost device is looked for, ms. */
const LOOK_MS = 1000

interface Kept {
  prepare(): Promise<void>
  close(): Promise<void>
}

/** Keeps a device for a whole call: one that goes away in mid-call is looked for until it is back. */
export class Keeper {
  #timer: Timer | null = null
  /** The attempt to open it again that is under way. */
  #opening: Promise<unknown> | null = null
  #closed = false

  /** `open`: opens the device; it is told what to call when the device is lost. */
  constructor(
    private readonly clock: Clock,
    private readonly device: Kept,
    private readonly opens: (onLost: (problem: AudioProblem) => void) => Promise<number>,
    private readonly tell: { lost(problem: AudioProblem): void; back(): void },
  ) {}

  /** Opens it for the first time: as the device's own `open`. */
  open(): Promise<number> {
    return this.opens(problem => this.#lost(problem))
  }

  /** Gives it back, and looks no more. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) this.clock.clearTimeout(this.#timer)
    await this.device.close()
    if (this.#opening === null) return
    await this.#opening
    await this.device.close()
  }

  #lost(problem: AudioProblem): void {
    if (this.#closed) return
    this.tell.lost(problem)
    // What a full disk or a bad file took is not to be begun anew.
    if (problem.name === 'deviceLost') this.#lookLater()
  }

  #lookLater(): void {
    if (this.#closed) return
    this.#timer = this.clock.setTimeout(() => {
      this.#timer = null
      this.#opening = this.#look()
    }, LOOK_MS)
  }

  async #look(): Promise<void> {
    try {
      await this.device.prepare()
      if (this.#closed) return
      await this.open()
      if (!this.#closed) this.tell.back()
    } catch {
      this.#lookLater()
    } finally {
      this.#opening = null
    }
  }
}
