import type { Clock } from '../../../protocol/clock.js'
import { AudioProblem } from '../audio.js'
import { SAMPLES_PER_MS } from '../codec.js'
import type { Microphone } from './device.js'
import { Labels } from './labels.js'
import { lineReader, sampleReader } from './lines.js'
import { type Program, stopProgram } from './program.js'
import type { SoundSystem } from './sound-system.js'
import { Whereabouts } from './whereabouts.js'

/** A microphone of a sound system, through a program of its. */
export class ProgramMicrophone implements Microphone {
  onMoved?: () => void
  readonly #system: SoundSystem
  readonly #clock: Clock
  #device: string | null
  #child: Program | null = null
  readonly #labels = new Labels()
  #closing = false

  /** `device`: its name there; null for the default one. */
  constructor(system: SoundSystem, device: string | null, clock: Clock) {
    this.#system = system
    this.#device = device
    this.#clock = clock
  }

  get name(): string {
    return this.#device ?? this.#system.preferred('microphone') ?? 'default microphone'
  }

  get label(): string {
    return this.#labels.of(this.name)
  }

  async prepare(): Promise<void> {
    const seen = await this.#system.check('microphone', this.#device)
    if (!this.#system.idsAreNames) this.#labels.note(seen)
  }

  open(onBlock: (samples: Int16Array) => void, onLost: (problem: AudioProblem) => void): Promise<number> {
    const system = this.#system
    const child = system.start('microphone', this.#device)
    this.#child = child
    this.#closing = false
    return new Promise((resolve, reject) => {
      let [started, ended, stderr] = [false, false, '']
      const end = (problem: AudioProblem) => {
        if (ended) return
        ended = true
        clearTimeout(timer)
        if (!started) reject(problem)
        else if (!this.#closing) onLost(problem)
        void stopProgram(child)
      }
      const timer = setTimeout(
        () =>
          end(
            new AudioProblem(
              'deviceBroken',
              'The microphone gives no sound.',
              'See that it is not in use, or choose another.',
            ),
          ),
        system.readyMs,
      )
      const at = new Whereabouts(system, 'microphone', this.#device, {
        gone: end,
        moved: device => {
          this.#device = device
          void this.#labels.learn(system, 'microphone').then(() => this.onMoved?.())
        },
        label: id => this.#labels.of(id),
      })
      const join = sampleReader()
      child.output.on('data', (bytes: Buffer) => {
        const block = join(bytes)
        if (ended) return
        if (!started) {
          started = true
          clearTimeout(timer)
          // While the call begins, programs to ask with would take its time.
          if (this.#labels.isEmpty) void this.#labels.learn(system, 'microphone')
          resolve(this.#clock.now() - block.length / SAMPLES_PER_MS)
        }
        if (!this.#closing && !at.doubtful && block.length > 0) onBlock(block)
      })
      const read = system.reader('microphone')
      const hear = lineReader(line => {
        const report = read(line)
        if (report?.kind !== 'at' || ended) return
        at.at(report.device)
        this.#device = at.device
      })
      child.words.on('data', (text: Buffer) => {
        stderr = (stderr + text).slice(-2000)
        hear(text)
      })
      child.process.once('error', error => end(system.explain('microphone', `error: ${error.message}`, started)))
      child.process.once('close', () => end(system.explain('microphone', stderr, started)))
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    if (this.#child) await stopProgram(this.#child)
  }
}
