/** How the servers of a cluster reach each other: NATS (nats-bus.ts), or whatever a test puts in its place. */

/** Gets what was published; `answer` where the sender waits for one. */
export type BusListener = (message: Uint8Array, answer: (message: Uint8Array) => void) => void

/** The first answer. `nobody`: no one listens to the subject. `silence`: no answer in time, or the bus is down. */
export type BusAnswer = Uint8Array | 'nobody' | 'silence'

/**
 * Delivers at most once, and what one sends to one other in the order in which it was sent. What is sent while it is down is lost: nothing
 * that a call needs to go on may depend on it.
 */
export interface Bus {
  /** To all who listen to the subject: dots and letters, digits, `-` and `_` between them. */
  publish(subject: string, message: Uint8Array): void
  request(subject: string, message: Uint8Array, timeoutMs: number): Promise<BusAnswer>
  /** Ends with the function that it returns. */
  subscribe(subject: string, listener: BusListener): () => void
  readonly isUp: boolean
  /** Set by its one owner: it went up or down. */
  onChange: (isUp: boolean) => void
}
