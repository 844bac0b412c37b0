/** Sound kept ahead of what is heard, ms: the server's own buffer of 15 ms and some for lateness of our timer; at most. */
const LEAST_MS = 25
const MOST_MS = 80
/** Each time that this was too little it grows; as long as it is enough it shrinks, ms and ms a second. */
const GROWTH_MS = 5
const SHRINK = 0.1
/** Given at the start: the program begins to play only when it has enough, and that is more than it needs later, ms. */
const FIRST_MS = 40
/** How much of the difference between our reckoning and a report is taken over at once. */
const TRUST = 0.25
/** A difference beyond this is an event, not noise, and taken over whole, ms. */
const EVENT_MS = 40

/**
 * How much sound a player program holds that nobody has heard yet: reckoned from what was written and the time that
 * passed, put right by what the program reports to have played.
 */
export class Backlog {
  #written = 0
  /** Written minus played, as reckoned at `#since`. */
  #waiting = 0
  #since = 0
  /** The program has begun to play: it first waits for its server, and for enough to begin with. */
  #playing = false
  #target = LEAST_MS

  /** What waits now, ms. */
  at(now: number): number {
    return this.#playing ? Math.max(0, this.#waiting - (now - this.#since)) : this.#waiting
  }

  /** How much to write now, ms; below 0 when there is too much. */
  wanted(now: number): number {
    this.#pass(now)
    return (this.#playing ? this.#target : FIRST_MS) - this.#waiting
  }

  /** The program had nothing to play. */
  ranDry(): void {
    this.#target = Math.min(MOST_MS, this.#target + GROWTH_MS)
  }

  wrote(ms: number): void {
    this.#written += ms
    this.#waiting += ms
  }

  /** The program reports how much it has played in all, ms. */
  played(ms: number, now: number): void {
    if (ms > 0 || this.#playing) this.holds(Math.max(0, this.#written - ms), now)
  }

  /** The program reports how much waits in it, ms. */
  holds(reported: number, now: number): void {
    this.#pass(now)
    this.#playing = true
    const difference = reported - this.#waiting
    this.#waiting += Math.abs(difference) > EVENT_MS ? difference : TRUST * difference
  }

  #pass(now: number): void {
    this.#waiting = this.at(now)
    this.#target = Math.max(LEAST_MS, this.#target - (SHRINK * (now - this.#since)) / 1000)
    this.#since = now
  }
}
