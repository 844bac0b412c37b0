/** Node's way to the Opus module: from the package's folder. A browser fetches the same file. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../../protocol/reason.js'
import { AudioProblem } from './audio.js'
import { type Codec, FRAME_SAMPLES } from './codec.js'
import { createOpusCodec, type OpusOptions } from './opus.js'

/** Loads Opus. Rejects with an AudioProblem `codecBroken`. */
export async function loadOpus(options: OpusOptions = {}): Promise<Codec> {
  try {
    // The package's main file would load its native binding, which crashes in worker threads.
    const path = fileURLToPath(import.meta.resolve('@evan/opus/wasm/opus.wasm'))
    const codec = await createOpusCodec(new Uint8Array(await readFile(path)), options)
    warmUp(codec)
    return codec
  } catch (error) {
    throw new AudioProblem(
      'codecBroken',
      `The voice codec could not be loaded: ${reasonOf(error)}`,
      'Run "npm install" again.',
    )
  }
}

/** The first frames take many times as long as later ones, while the module is still being compiled: not in a call. */
function warmUp(codec: Codec): void {
  const [encoder, decoder] = [codec.createEncoder(), codec.createDecoder()]
  for (let n = 0; n < 5; n++) {
    decoder.decode(
      encoder.encode(Int16Array.from({ length: FRAME_SAMPLES }, (_, i) => 5000 * Math.sin(i * (n + 1) * 0.02))),
    )
  }
  decoder.conceal()
  encoder.close()
  decoder.close()
}
