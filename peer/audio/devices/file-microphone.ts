import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Clock } from '../../../protocol/clock.js'
import { AudioProblem } from '../audio.js'
import { SAMPLE_RATE } from '../codec.js'
import { Resampler } from '../resampler.js'
import { readWav, type Wav } from '../wav.js'
import { BLOCK_MS, BLOCK_SAMPLES, type Microphone } from './device.js'
import { Pacer } from './pacer.js'

/** Input samples that go into the resampler at a time. */
const PIECE = 1024

/** A microphone that hears a WAV file in real time, again and again. */
export class FileMicrophone implements Microphone {
  readonly name: string
  readonly #path: string
  readonly #clock: Clock
  #wav: Wav | null = null
  #pacer: Pacer | null = null

  constructor(path: string, clock: Clock) {
    this.name = `file:${path}`
    this.#path = path
    this.#clock = clock
  }

  async prepare(): Promise<void> {
    this.#wav ??= await load(this.#path)
  }

  async open(onBlock: (samples: Int16Array) => void): Promise<number> {
    if (!this.#wav) await this.prepare()
    const source = new Loop(this.#wav!)
    this.#pacer = new Pacer(this.#clock, BLOCK_MS, () => onBlock(source.read(BLOCK_SAMPLES)))
    return this.#pacer.start()
  }

  async close(): Promise<void> {
    this.#pacer?.stop()
  }
}

async function load(path: string): Promise<Wav> {
  const name = basename(path)
  const hint = 'Choose a WAV file with --mic file:PATH.wav, or use --mic tone or --mic none.'
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new AudioProblem('noSuchFile', `There is no file ${path}.`, hint)
    const reason = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'no permission' : String(code)
    throw new AudioProblem('cannotRead', `${path} cannot be read: ${reason}.`, hint)
  }
  const wav = readWav(bytes, name)
  if (!wav.ok) throw new AudioProblem('notWav', wav.error.message, hint)
  return wav.value
}

/** The file's sound at 48 kHz without an end. */
class Loop {
  readonly #wav: Wav
  readonly #resampler: Resampler | null
  #position = 0
  #ready = new Float32Array(0)

  constructor(wav: Wav) {
    this.#wav = wav
    this.#resampler = wav.rate === SAMPLE_RATE ? null : new Resampler(wav.rate, SAMPLE_RATE)
  }

  read(count: number): Int16Array {
    while (this.#ready.length < count) this.#more()
    const out = new Int16Array(count)
    for (let i = 0; i < count; i++) out[i] = Math.max(-32768, Math.min(32767, Math.round(this.#ready[i]! * 32768)))
    this.#ready = this.#ready.slice(count)
    return out
  }

  #more(): void {
    const { samples } = this.#wav
    const piece = samples.subarray(this.#position, this.#position + PIECE)
    this.#position = (this.#position + piece.length) % samples.length
    const fresh = this.#resampler ? this.#resampler.process(piece) : piece
    const ready = new Float32Array(this.#ready.length + fresh.length)
    ready.set(this.#ready)
    ready.set(fresh, this.#ready.length)
    this.#ready = ready
  }
}
