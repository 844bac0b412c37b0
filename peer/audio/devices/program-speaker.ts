import type { Clock } from '../../../protocol/clock.js'
import { AudioProblem } from '../audio.js'
import { SAMPLES_PER_MS } from '../codec.js'
import { Backlog } from './backlog.js'
import type { Pull, Speaker } from './device.js'
import { Labels } from './labels.js'
import { lineReader } from './lines.js'
import { Pacer } from './pacer.js'
import { type Program, stopProgram } from './program.js'
import type { Report, SoundSystem } from './sound-system.js'
import { Whereabouts } from './whereabouts.js'

/** How often the backlog is looked at, ms: each time costs us and the program a wake-up. */
const LOOK_MS = 10
/** A program that asks for nothing, or takes nothing, for so long hangs, as ALSA's may when its device goes, ms. */
const STUCK_MS = 3_000

/**
 * A speaker of a sound system, through a program of its. Such a program plays all that it is given and never sheds a
 * backlog, so it is given just enough: by the clock, and by what it says of how far it has played.
 */
export class ProgramSpeaker implements Speaker {
  onMoved?: () => void
  readonly #system: SoundSystem
  readonly #clock: Clock
  #device: string | null
  #backlog = new Backlog()
  /** From its turn to play until it is heard, ms. */
  #thenMs = 0
  #child: Program | null = null
  #pacer: Pacer | null = null
  readonly #labels = new Labels()
  #closing = false
  /** When it last took something; and whether it was given something since. */
  #tookAt = 0
  #given = false
  #underruns = 0

  /** `device`: its name there; null for the default one. */
  constructor(system: SoundSystem, device: string | null, clock: Clock) {
    this.#system = system
    this.#device = device
    this.#clock = clock
  }

  get name(): string {
    return this.#device ?? this.#system.preferred('speaker') ?? 'default speaker'
  }

  get latencyMs(): number {
    return this.#backlog.at(this.#clock.now()) + this.#thenMs
  }

  get underruns(): number {
    return this.#underruns
  }

  get label(): string {
    return this.#labels.of(this.name)
  }

  async prepare(): Promise<void> {
    const seen = await this.#system.check('speaker', this.#device)
    if (!this.#system.idsAreNames) this.#labels.note(seen)
  }

  open(pull: Pull, onLost: (problem: AudioProblem) => void): Promise<number> {
    const system = this.#system
    const child = system.start('speaker', this.#device)
    this.#child = child
    this.#closing = false
    this.#backlog = new Backlog()
    return new Promise((resolve, reject) => {
      let [startedAt, ended, stderr] = [0, false, '']
      const end = (problem: AudioProblem) => {
        if (ended) return
        ended = true
        clearTimeout(timer)
        this.#pacer?.stop()
        this.#backlog = new Backlog()
        this.#thenMs = 0
        if (startedAt === 0) reject(problem)
        else if (!this.#closing) onLost(problem)
        void stopProgram(child)
      }
      const timer = setTimeout(
        () => end(new AudioProblem('deviceBroken', 'The speaker takes no sound.', 'See that it is not in use.')),
        system.readyMs,
      )
      const at = new Whereabouts(system, 'speaker', this.#device, {
        gone: end,
        moved: device => {
          this.#device = device
          void this.#labels.learn(system, 'speaker').then(() => this.onMoved?.())
        },
        label: id => this.#labels.of(id),
      })
      const start = () => {
        if (startedAt > 0) return
        clearTimeout(timer)
        startedAt = this.#clock.now()
        this.#tookAt = startedAt
        this.#pacer = new Pacer(this.#clock, LOOK_MS, () => {
          this.#feed(child, at, pull)
          if (this.#isStuck(child))
            end(new AudioProblem('deviceLost', 'The speaker takes no sound any more.', 'See that it is plugged in.'))
        })
        this.#pacer.start()
        this.#feed(child, at, pull)
        // While the call begins, programs to ask with would take its time.
        if (this.#labels.isEmpty) void this.#labels.learn(system, 'speaker')
        resolve(startedAt)
      }
      const read = system.reader('speaker')
      const hear = lineReader(line => {
        const report = read(line)
        if (!report || ended) return
        if (report.kind === 'ready') start()
        else if (report.kind !== 'at') this.#note(report)
        else {
          at.at(report.device)
          this.#device = at.device
        }
      })
      child.words.on('data', (text: Buffer) => {
        stderr = (stderr + text).slice(-2000)
        hear(text)
      })
      child.process.once('error', error => end(system.explain('speaker', `error: ${error.message}`, startedAt > 0)))
      child.process.once('close', () => end(system.explain('speaker', stderr, startedAt > 0)))
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#pacer?.stop()
    if (this.#child) await stopProgram(this.#child)
  }

  #note(report: Exclude<Report, { kind: 'ready' | 'at' }>): void {
    const now = this.#clock.now()
    switch (report.kind) {
      case 'played':
        return this.#backlog.played(report.ms, now)
      case 'holds':
        this.#thenMs = report.thenMs
        return this.#backlog.holds(report.ms, now)
      case 'dry':
        this.#underruns++
        return this.#backlog.ranDry()
    }
  }

  #isStuck(child: Program): boolean {
    const now = this.#clock.now()
    if (this.#given && child.input.writableLength === 0) {
      this.#tookAt = now
      this.#given = false
    }
    return now - this.#tookAt > STUCK_MS
  }

  #feed(child: Program, at: Whereabouts, pull: Pull): void {
    const now = this.#clock.now()
    // To the millisecond: what is left out now would have to wait for the next look.
    const ms = Math.floor(this.#backlog.wanted(now))
    if (ms < 1) return
    const block = new Int16Array(ms * SAMPLES_PER_MS)
    // What is written now is heard when all else has been.
    pull(block, now + this.#backlog.at(now))
    if (at.doubtful) block.fill(0)
    child.input.write(new Uint8Array(block.buffer))
    this.#given = true
    this.#backlog.wrote(ms)
  }
}
