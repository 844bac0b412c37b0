/**
 * RNNoise (J.-M. Valin, "A Hybrid DSP/Deep Learning Approach to Real-Time Full-Band Speech Enhancement", 2018) as
 * WebAssembly: a thin layer over the C functions that the module in `@sapphi-red/web-noise-suppressor` exports. No Node in
 * here: the caller hands in the module's bytes.
 */
import { exportsOf } from '../wasm.js'
import { BLOCK_SAMPLES } from './block.js'
import type { Denoiser } from './denoiser.js'

interface RnnoiseExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  __wasm_call_ctors(): void
  malloc(bytes: number): number
  free(pointer: number): void
  rnnoise_get_frame_size(): number
  rnnoise_create(model: number): number
  rnnoise_destroy(state: number): void
  rnnoise_process_frame(state: number, out: number, input: number): number
}

const BYTES = 4 * BLOCK_SAMPLES

export interface Rnnoise {
  createDenoiser(): Denoiser
}

/** Compiles the module once. Rejects when it isn't RNNoise. */
export async function createRnnoise(wasm: Uint8Array<ArrayBuffer>): Promise<Rnnoise> {
  let memory = new Uint8Array(0)
  const rnnoise: RnnoiseExports = (await exportsOf(wasm, {
    env: {
      emscripten_memcpy_big: (to: number, from: number, bytes: number) => {
        // Many times a block: a view of its own each time would be kilobytes of rubbish a frame.
        if (memory.buffer !== rnnoise.memory.buffer) memory = new Uint8Array(rnnoise.memory.buffer)
        memory.copyWithin(to, from, from + bytes)
      },
      // One denoiser takes a small part of the memory that the module begins with.
      emscripten_resize_heap: () => 0,
      __assert_fail: () => {
        throw new Error('RNNoise failed in itself.')
      },
    },
  })) as RnnoiseExports
  rnnoise.__wasm_call_ctors()
  if (rnnoise.rnnoise_get_frame_size() !== BLOCK_SAMPLES) throw new Error('RNNoise takes blocks of another size.')
  return { createDenoiser: () => new RnnoiseDenoiser(rnnoise) }
}

class RnnoiseDenoiser implements Denoiser {
  readonly #rnnoise: RnnoiseExports
  readonly #state: number
  readonly #pcm: number
  #view: Float32Array

  constructor(rnnoise: RnnoiseExports) {
    this.#rnnoise = rnnoise
    this.#state = rnnoise.rnnoise_create(0)
    this.#pcm = rnnoise.malloc(BYTES)
    if (this.#state === 0 || this.#pcm === 0) throw new Error('RNNoise could not get memory.')
    this.#view = this.#look()
  }

  process(block: Float32Array): number {
    if (block.length !== BLOCK_SAMPLES) throw new RangeError(`a block has ${BLOCK_SAMPLES} samples`)
    this.#fresh().set(block)
    const probability = this.#rnnoise.rnnoise_process_frame(this.#state, this.#pcm, this.#pcm)
    block.set(this.#fresh())
    return probability
  }

  close(): void {
    this.#rnnoise.rnnoise_destroy(this.#state)
    this.#rnnoise.free(this.#pcm)
  }

  /** A view dies when the module's memory grows; a new one each time would be rubbish a hundred times a second. */
  #fresh(): Float32Array {
    if (this.#view.buffer !== this.#rnnoise.memory.buffer) this.#view = this.#look()
    return this.#view
  }

  #look(): Float32Array {
    return new Float32Array(this.#rnnoise.memory.buffer, this.#pcm, BLOCK_SAMPLES)
  }
}
