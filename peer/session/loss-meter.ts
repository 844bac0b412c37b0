/** Counts what was sent to us and never came, from the positions on the media chain (protocol/sealing.ts). */
export class LossMeter {
  #first: number | null = null
  #highest = -1
  #received = 0
  #takenExpected = 0
  #takenReceived = 0

  /** A fresh frame came. */
  note(order: number): void {
    this.#first ??= order
    if (order < this.#first) return
    this.#received++
    if (order > this.#highest) this.#highest = order
  }

  /** Lost since the last `take`, per mille of what was sent; 0 where nothing was. A late frame counts against an earlier loss. */
  take(): number {
    const expected = this.#first === null ? 0 : this.#highest - this.#first + 1
    const sent = expected - this.#takenExpected
    const got = this.#received - this.#takenReceived
    this.#takenExpected = expected
    this.#takenReceived = this.#received
    return sent <= 0 ? 0 : Math.min(1000, Math.max(0, Math.round((1000 * (sent - got)) / sent)))
  }
}
