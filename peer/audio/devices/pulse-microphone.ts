import type { Clock } from '../../../protocol/clock.js'
import { AudioProblem } from '../audio.js'
import { SAMPLES_PER_MS } from '../codec.js'
import { BLOCK_MS, type Microphone } from './device.js'
import { findDevice, pulseProblem, startPulse, stopPulse } from './pulse.js'

/** A microphone that gives nothing for so long at first is broken, ms. */
const FIRST_SOUND_MS = 3000

/** A microphone of PulseAudio or PipeWire: `parec`, in blocks of 10 ms. */
export class PulseMicrophone implements Microphone {
  readonly name: string
  readonly #device: string | null
  readonly #clock: Clock
  #child: ReturnType<typeof startPulse> | null = null
  #closing = false

  /** `device`: its name there; null for the default one. */
  constructor(device: string | null, clock: Clock) {
    this.name = device ?? process.env.PULSE_SOURCE ?? 'default microphone'
    this.#device = device
    this.#clock = clock
  }

  prepare(): Promise<void> {
    return findDevice('source', this.#device)
  }

  open(onBlock: (samples: Int16Array) => void, onLost: (problem: AudioProblem) => void): Promise<number> {
    const child = startPulse('parec', this.#device, BLOCK_MS)
    this.#child = child
    return new Promise((resolve, reject) => {
      let [started, ended, stderr] = [false, false, '']
      const end = (problem: AudioProblem) => {
        if (ended) return
        ended = true
        clearTimeout(timer)
        if (!started) reject(problem)
        else if (!this.#closing) onLost(problem)
      }
      const timer = setTimeout(() => {
        end(
          new AudioProblem(
            'deviceBroken',
            'The microphone gives no sound.',
            'See that it is not in use, or choose another.',
          ),
        )
        void this.close()
      }, FIRST_SOUND_MS)
      const join = joiner()
      child.stdout.on('data', (bytes: Buffer) => {
        const block = join(bytes)
        if (!started) {
          started = true
          clearTimeout(timer)
          resolve(this.#clock.now() - block.length / SAMPLES_PER_MS)
        }
        if (!this.#closing && block.length > 0) onBlock(block)
      })
      child.stderr.on('data', (text: Buffer) => {
        stderr = (stderr + text).slice(-2000)
      })
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {})
      child.once('error', error => end(pulseProblem('microphone', `error: ${error.message}`, started)))
      child.once('close', () => end(pulseProblem('microphone', stderr, started)))
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    if (this.#child) await stopPulse(this.#child)
  }
}

/** Makes samples of chunks that may end in the middle of one. */
function joiner(): (bytes: Buffer) => Int16Array {
  let rest = Buffer.alloc(0)
  return bytes => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    const samples = new Int16Array(all.length >> 1)
    for (let i = 0; i < samples.length; i++) samples[i] = all.readInt16LE(2 * i)
    rest = Buffer.from(all.subarray(2 * samples.length))
    return samples
  }
}
