import type { Clock } from '../../../protocol/clock.js'
import type { AudioProblem } from '../audio.js'
import { SAMPLES_PER_MS } from '../codec.js'
import { Backlog } from './backlog.js'
import type { Pull, Speaker } from './device.js'
import { Pacer } from './pacer.js'
import { findDevice, pulseProblem, startPulse, stopPulse } from './pulse.js'

/** Asked of the sound server, ms; it takes this as the size of its own buffers. */
const SERVER_MS = 20
/** Length of a block, and how often the backlog is looked at, ms. */
const BLOCK_MS = 5
/** `pacat --verbose` says so about every 50 ms. */
const REPORT = /Time: ([0-9.]+) sec; Latency: /g

/**
 * A speaker of PulseAudio or PipeWire: `pacat`. It plays all that it is given and never sheds a backlog, so it is given
 * just enough: by the clock, and by how far it says that it has played.
 */
export class PulseSpeaker implements Speaker {
  readonly name: string
  readonly #device: string | null
  readonly #clock: Clock
  readonly #backlog = new Backlog()
  #child: ReturnType<typeof startPulse> | null = null
  #pacer: Pacer | null = null
  #closing = false
  #underruns = 0

  /** `device`: its name there; null for the default one. */
  constructor(device: string | null, clock: Clock) {
    this.name = device ?? process.env.PULSE_SINK ?? 'default speaker'
    this.#device = device
    this.#clock = clock
  }

  get latencyMs(): number {
    return this.#backlog.at(this.#clock.now())
  }

  get underruns(): number {
    return this.#underruns
  }

  prepare(): Promise<void> {
    return findDevice('sink', this.#device)
  }

  open(pull: Pull, onLost: (problem: AudioProblem) => void): Promise<number> {
    const child = startPulse('pacat', this.#device, SERVER_MS)
    this.#child = child
    return new Promise((resolve, reject) => {
      let [startedAt, ended, stderr, unread] = [0, false, '', '']
      const end = (problem: AudioProblem) => {
        this.#pacer?.stop()
        if (ended) return
        ended = true
        if (startedAt === 0) reject(problem)
        else if (!this.#closing) onLost(problem)
      }
      const start = () => {
        startedAt = this.#clock.now()
        this.#pacer = new Pacer(this.#clock, BLOCK_MS, () => this.#feed(pull))
        this.#pacer.start()
        this.#feed(pull)
        resolve(startedAt)
      }
      child.stderr.on('data', (text: Buffer) => {
        stderr = (stderr + text).slice(-2000)
        const lines = unread + text
        if (startedAt === 0 && lines.includes('Stream successfully created')) start()
        for (const [, seconds] of lines.matchAll(REPORT))
          this.#backlog.played(1000 * Number(seconds), this.#clock.now())
        for (let dry = lines.split('Stream underrun').length - 1; dry > 0; dry--) {
          this.#underruns++
          this.#backlog.ranDry()
        }
        // A line may come in two parts; what has been read once must not be read again.
        unread = lines.slice(Math.max(lines.lastIndexOf('\n'), lines.lastIndexOf('\r')) + 1)
      })
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {})
      child.once('error', error => end(pulseProblem('speaker', `error: ${error.message}`, startedAt > 0)))
      child.once('close', () => end(pulseProblem('speaker', stderr, startedAt > 0)))
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#pacer?.stop()
    if (this.#child) await stopPulse(this.#child)
  }

  #feed(pull: Pull): void {
    const now = this.#clock.now()
    while (this.#backlog.wanted(now) >= BLOCK_MS) {
      const block = new Int16Array(BLOCK_MS * SAMPLES_PER_MS)
      // What is written now is heard when all else has been.
      pull(block, now + this.#backlog.at(now))
      this.#child?.stdin.write(new Uint8Array(block.buffer))
      this.#backlog.wrote(BLOCK_MS)
    }
  }
}
