import { randomBytes } from 'node:crypto'

/** The system's random source. Node's alone. */
export function nodeRandom(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length))
}
