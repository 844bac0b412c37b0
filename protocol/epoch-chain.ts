/**
 * The keys of one stream in one direction. They change with each epoch, and the chain runs one way only: who gets hold of a
 * key later can't open what was sent in earlier epochs.
 *
 *   base key of an epoch = HKDF-Expand-SHA512(chain, "evc/1 base", 32)
 *   chain of the next    = HKDF-Expand-SHA512(chain, "evc/1 next", 64)
 *   KID                  = epoch * 4 + lane
 */
import { expand } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { type Aead, nobleAead } from './aead.js'
import { utf8 } from './bytes.js'
import { ReplayWindow } from './replay-window.js'
import { fail, ok, type Result } from './result.js'
import { SframeKey } from './sframe.js'

const SUITE = 0x0005
const BASE = utf8('evc/1 base')
const NEXT = utf8('evc/1 next')

/** How far ahead of the newest opened frame an epoch may be. */
export const EPOCHS_AHEAD = 4

/** Which stream and direction: stream * 2 + direction (media 0, control 1; a to b 0, b to a 1). */
export type Lane = 0 | 1 | 2 | 3

/** One epoch: its key, and the secret that leads to the next one. */
export class Epoch {
  readonly key: SframeKey
  readonly #chain: Uint8Array
  readonly #aead: Aead

  /** Owns `chain` (64 bytes) from now on, and overwrites it when it is forgotten. */
  constructor(
    chain: Uint8Array,
    readonly lane: Lane,
    readonly number: number,
    aead: Aead = nobleAead,
  ) {
    const baseKey = expand(sha512, chain, BASE, 32)
    this.#chain = chain
    this.#aead = aead
    this.key = new SframeKey(SUITE, BigInt(number * 4 + lane), baseKey, aead)
    baseKey.fill(0)
  }

  next(): Epoch {
    return new Epoch(expand(sha512, this.#chain, NEXT, 64), this.lane, this.number + 1, this.#aead)
  }

  forget(): void {
    this.#chain.fill(0)
    this.key.forget()
  }
}

/** An epoch on the receiving side. */
export interface ReceivedEpoch {
  readonly epoch: Epoch
  readonly window: ReplayWindow
}

/**
 * The receiving side: the current epoch, the one before it for late frames, and up to four ahead. Those ahead are derived
 * once and kept, so that forged headers cost no more than four derivations an epoch.
 */
export class ReceiveChain {
  /** From the previous epoch (or the current one) on, without gaps. */
  readonly #epochs: ReceivedEpoch[]
  #current: number

  constructor(chain: Uint8Array, lane: Lane, aead: Aead = nobleAead) {
    this.#epochs = [receive(new Epoch(chain, lane, 0, aead))]
    this.#current = 0
  }

  /** The epoch to try. Changes nothing that an outsider could tell: only `settle` moves on. */
  find(number: number): Result<ReceivedEpoch, 'epochTooFar' | 'epochGone'> {
    if (number > this.#current + EPOCHS_AHEAD) return fail('epochTooFar', 'The frame is of an epoch too far ahead.')
    const first = this.#epochs[0]!.epoch.number
    if (number < first) return fail('epochGone', 'The frame is of an epoch whose key is gone.')
    while (this.#epochs.length <= number - first) this.#epochs.push(receive(this.#epochs.at(-1)!.epoch.next()))
    return ok(this.#epochs[number - first]!)
  }

  /** Call after a frame of this epoch opened: makes it the current one if it is newer, and forgets all but one before it. */
  settle(number: number): void {
    if (number <= this.#current) return
    this.#current = number
    while (this.#epochs[0]!.epoch.number < number - 1) this.#epochs.shift()!.epoch.forget()
  }
}

function receive(epoch: Epoch): ReceivedEpoch {
  return { epoch, window: new ReplayWindow() }
}
