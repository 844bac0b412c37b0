/**
 * What a program takes for the other side's was sealed by that side, came unchanged, and is taken once; and whatever that side sealed is
 * understood.
 */
import { TAG_BYTES } from '../../protocol/aead.js'
import { FNV_BASIS, fnv } from '../../protocol/fnv.js'
import type { Opened, Opener, Sealer } from '../../protocol/sealing.js'
import type { Invariant } from './invariants.js'
import { observeSealing } from './sealing-observer.js'

/** So many frames are remembered at least: more than a replay window, and more than are ever on their way. */
const REMEMBERED = 2_048

interface Sealed {
  readonly by: Sealer
  /** Of all its bytes. */
  readonly checksum: number
}

export const authentic: Invariant = {
  name: 'authentic',
  watch: ({ scenario }, broken) => {
    const frames = new Latest<string, Sealed>()
    /** Whose frames an opener opened. */
    const partners = new WeakMap<Opener, Sealer>()
    const taken = new WeakMap<Opener, Record<Opened['stream'], Latest<number, true>>>()
    observeSealing('authentic', {
      sealed: (by, bytes) => void frames.add(tagOf(bytes), { by, checksum: checksumOf(bytes) }),
      opened(by, bytes, result) {
        const frame = frames.get(tagOf(bytes))
        const sealer = frame?.checksum === checksumOf(bytes) ? frame.by : undefined
        const partner = partners.get(by)
        if (!result.ok) {
          const { name } = result.error
          // One that was overtaken by a whole epoch comes too late. Short epochs are over in 5 s, so that four pass in a silence.
          const epochs = name === 'epochGone' || (name === 'epochTooFar' && scenario.framesPerEpoch < 0x10000)
          if (sealer && sealer === partner && !epochs) broken(`a frame of the other side is refused as ${name}`)
          return
        }
        const { stream, order, fresh, packet } = result.value
        // A replay of one that is long forgotten here.
        if (!sealer && !fresh) return
        if (!sealer || (partner && partner !== sealer))
          return broken(`a ${packet.kind} was taken that the other side had not sealed, or that was changed since`)
        partners.set(by, sealer)
        if (!fresh) return
        const streams = taken.get(by) ?? { media: new Latest(), control: new Latest() }
        taken.set(by, streams)
        if (!streams[stream].add(order, true)) broken(`frame ${order} (${packet.kind}) was taken for new twice`)
      },
    })
    return {}
  },
}

/** Values by key; the latest of them, in two halves: one that fills and one that is full. */
class Latest<K, T> {
  #full = new Map<K, T>()
  #filling = new Map<K, T>()

  get(key: K): T | undefined {
    return this.#filling.get(key) ?? this.#full.get(key)
  }

  /** False: it is there already. */
  add(key: K, value: T): boolean {
    if (this.#filling.has(key) || this.#full.has(key)) return false
    this.#filling.set(key, value)
    if (this.#filling.size === REMEMBERED) {
      this.#full = this.#filling
      this.#filling = new Map()
    }
    return true
  }
}

/** The tag of a frame: enough to find it by. */
function tagOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', bytes.length - TAG_BYTES)
}

/** A copy of each frame would cost far more. */
function checksumOf(bytes: Uint8Array): number {
  let hash = FNV_BASIS
  for (let i = 0; i < bytes.length; i++) hash = fnv(hash, bytes[i]!)
  return hash
}
