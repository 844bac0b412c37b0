/** What happens in a simulated call, in order: hashed always, kept as text where a person wants to read it. */
import { createHash } from 'node:crypto'
import type { InspectionHeader, InspectionLine, InspectionSink } from '../../peer/call/inspection.js'
import { FNV_BASIS, fnv } from '../../protocol/fnv.js'
import { type ReplayStep, replay } from './replay.js'
import { story, type Told } from './timeline.js'

interface Recorded {
  readonly at: number
  readonly who: string
  /** A place in its program's recording. */
  readonly recording: { header: InspectionHeader | null; readonly lines: InspectionLine[] }
  readonly line: number
}

export class Journal {
  readonly #hash = createHash('sha256')
  readonly #moments: (Recorded | Told)[] | null
  readonly #now: () => number
  #wire = FNV_BASIS

  /** `now`: as moments are shown, ms. `trace`: whether to keep text. */
  constructor(now: () => number, trace: boolean) {
    this.#now = now
    this.#moments = trace ? [] : null
  }

  /** Something that a person should read. */
  tell(who: string, words: string): void {
    this.note(who, words)
    this.#moments?.push({ at: this.#now(), who, words })
  }

  /** Something for the hash alone. */
  note(who: string, words: string): void {
    this.#hash.update(`${this.#now().toFixed(3)} ${who} ${words}\n`)
  }

  /** Bytes on a wire, for the hash alone: cheap, there are hundreds a second. All of a sealed frame shows in its last bytes. */
  wire(data: string | Uint8Array): void {
    let hash = fnv(this.#wire, Math.round(this.#now() * 1_000))
    hash = fnv(hash, data.length)
    for (let i = Math.max(0, data.length - 4); i < data.length; i++) {
      const byte = typeof data === 'string' ? data.charCodeAt(i) : (data[i] ?? 0)
      hash = fnv(hash, byte)
    }
    this.#wire = hash
  }

  /** Takes what a program's statechart goes through; undefined where nobody will read it. */
  inspect(who: string): InspectionSink | undefined {
    const moments = this.#moments
    if (!moments) return undefined
    const recording: Recorded['recording'] = { header: null, lines: [] }
    return {
      version: '0.0.0',
      write: line => {
        if ('inspect' in line) recording.header = line
        else moments.push({ at: this.#now(), who, recording, line: recording.lines.push(line) - 1 })
      },
    }
  }

  /** SHA-256 of all so far. */
  hash(): string {
    return this.#hash.copy().update(String(this.#wire)).digest('hex')
  }

  /** All of it as lines of text; null where it was not kept. Each statechart's events are replayed for what it told its actors. */
  text(): string[] | null {
    if (!this.#moments) return null
    const replayed = new Map<Recorded['recording'], ReplayStep[]>()
    const told = this.#moments.flatMap((moment): Told[] => {
      if (!('recording' in moment)) return [moment]
      const { at, who, recording, line } = moment
      const { header, lines } = recording
      const steps = replayed.get(recording) ?? (header ? replay({ header, lines, broken: false }) : [])
      replayed.set(recording, steps)
      const step = steps[line]
      return step ? [{ at, who, step }] : []
    })
    return story(told)
  }
}
