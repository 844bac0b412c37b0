/** Node's way to the Opus module: from the package's folder. A browser fetches the same file. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { AudioProblem } from './audio.js'
import type { Codec } from './codec.js'
import { createOpusCodec } from './opus.js'

/** Loads Opus. Rejects with an AudioProblem `codecBroken`. */
export async function loadOpus(): Promise<Codec> {
  try {
    // The package's main file would load its native binding, which crashes in worker threads.
    const path = fileURLToPath(import.meta.resolve('@evan/opus/wasm/opus.wasm'))
    return await createOpusCodec(new Uint8Array(await readFile(path)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AudioProblem('codecBroken', `The voice codec could not be loaded: ${reason}`, 'Run "npm install" again.')
  }
}
