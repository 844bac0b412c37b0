/** What is known of the other end of a connection, from what it signalled: bytes from a stranger, who may be malicious. */
import type { Signal } from './connection.js'
import { fingerprintIn, isCandidate, midIn } from './sdp.js'

/** More addresses than this no machine has. */
const MAX_CANDIDATES = 32

export class RemoteEnd {
  readonly #initiator: boolean
  #fingerprint: string | null = null
  #mid = '0'
  #candidates = 0

  /** `initiator`: we are, and wait for an answer; else for an offer. */
  constructor(initiator: boolean) {
    this.#initiator = initiator
  }

  /** Of its certificate, as it came sealed; null until its description came. */
  get fingerprint(): string | null {
    return this.#fingerprint
  }

  /** The name of its media section, for its candidates. */
  get mid(): string {
    return this.#mid
  }

  /**
   * Whether the engine is to have this: the one description that we wait for, or a candidate after that. Throws where the description has no
   * fingerprint: nobody could tell whom it describes.
   */
  takes({ kind, text }: Signal): boolean {
    if (kind === 'candidate')
      return this.#fingerprint !== null && isCandidate(text) && ++this.#candidates <= MAX_CANDIDATES
    if (this.#fingerprint !== null || this.#initiator !== (kind === 'answer')) return false
    this.#fingerprint = fingerprintIn(text)
    if (this.#fingerprint === null) throw new Error('the description has no fingerprint')
    this.#mid = midIn(text)
    return true
  }
}
