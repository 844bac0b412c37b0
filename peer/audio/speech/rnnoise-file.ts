/** Node's way to RNNoise: from the package's folder. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../../../protocol/reason.js'
import { AudioProblem } from '../audio.js'
import { BLOCK_SAMPLES } from './block.js'
import { createRnnoise, type Rnnoise } from './rnnoise.js'

/** The first takes a quarter less time, and wants what nearly each processor has (SSE 4.1, NEON). */
export const rnnoiseModules = ['rnnoise_simd.wasm', 'rnnoise.wasm'] as const

/** Loads RNNoise. Rejects with an AudioProblem `denoiseBroken`. */
export async function loadRnnoise(modules: readonly string[] = rnnoiseModules): Promise<Rnnoise> {
  let why: unknown
  for (const name of modules) {
    try {
      const path = fileURLToPath(import.meta.resolve(`@sapphi-red/web-noise-suppressor/${name}`))
      const rnnoise = await createRnnoise(new Uint8Array(await readFile(path)))
      warmUp(rnnoise)
      return rnnoise
    } catch (error) {
      why = error
    }
  }
  throw new AudioProblem(
    'denoiseBroken',
    `The noise suppression could not be loaded, and the call goes on without: ${reasonOf(why)}`,
    'Run "npm install" again, or say --no-denoise.',
  )
}

/** The first blocks take many times as long as later ones, while the module is still being compiled: not in a call. */
function warmUp(rnnoise: Rnnoise): void {
  const denoiser = rnnoise.createDenoiser()
  const block = new Float32Array(BLOCK_SAMPLES)
  for (let n = 0; n < 10; n++) {
    for (let i = 0; i < BLOCK_SAMPLES; i++) block[i] = 5000 * Math.sin(i * (n + 1) * 0.02)
    denoiser.process(block)
  }
  denoiser.close()
}
