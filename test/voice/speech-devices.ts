/** A microphone that hears recorded speech and a speaker whose sound is kept, each on its card's clock, as programs of a sound system give them. */
import { SAMPLES_PER_MS } from '../../peer/audio/codec.js'
import { Backlog } from '../../peer/audio/devices/backlog.js'
import { BLOCK_SAMPLES, type Microphone, type Pull, type Speaker } from '../../peer/audio/devices/device.js'
import { Pacer } from '../../peer/audio/devices/pacer.js'
import type { Clock, Timer } from '../../protocol/clock.js'
import type { Sound } from '../measure/sound.js'
import type { DeviceParts } from '../simulation/virtual-sound.js'
import { type Card, onMachineTime, samplesPerMs } from './card.js'

/** From the last sample of a block until the program has it, ms. */
const CAPTURE_MS = 1.5
/** How often the sound system says how far it has played, ms (pacat: about 50). */
const REPORT_MS = 50
/** From the first that the sound system is given until it plays, ms. */
const START_MS = 20
/** A speaker's block, ms (peer/audio/devices/program-speaker.ts). */
const SPEAKER_BLOCK_MS = 5

export interface SpeechParts extends DeviceParts {
  readonly card: Card
  /** Timers of the program that reads and writes; a little late. */
  readonly busy: Clock
}

export class SpokenMicrophone implements Microphone {
  readonly name = 'speech'
  readonly #parts: SpeechParts
  readonly #loop: Int16Array
  #startedAt = 0
  #timer: Timer | null = null

  /** `loop`: what is said, again and again; longer than a block. */
  constructor(parts: SpeechParts, loop: Int16Array) {
    this.#parts = parts
    this.#loop = loop
  }

  async prepare(): Promise<void> {}

  async open(onBlock: (samples: Int16Array) => void): Promise<number> {
    const { clock, busy, card, settles } = this.#parts
    settles?.()
    this.#startedAt = clock.now()
    let blocks = 0
    const next = () => {
      const taken = this.#startedAt + ((blocks + 1) * BLOCK_SAMPLES) / samplesPerMs(card) + CAPTURE_MS
      this.#timer = busy.setTimeout(() => {
        const block = this.#said(blocks++ * BLOCK_SAMPLES, BLOCK_SAMPLES)
        next()
        onBlock(block)
      }, taken - clock.now())
    }
    next()
    return this.#startedAt
  }

  async close(): Promise<void> {
    this.#parts.settles?.()
    this.#parts.busy.clearTimeout(this.#timer)
  }

  /** What was said from one moment to another, on the machine's time. */
  said(from: number, until: number): Sound {
    const { card } = this.#parts
    const first = Math.max(0, Math.ceil((from - this.#startedAt) * samplesPerMs(card)))
    const count = Math.floor((until - this.#startedAt) * samplesPerMs(card)) - first
    return onMachineTime(this.#said(first, count), card, this.#startedAt + first / samplesPerMs(card))
  }

  #said(first: number, count: number): Int16Array {
    const out = new Int16Array(Math.max(0, count))
    for (let i = 0; i < out.length; i++) out[i] = this.#loop[(first + i) % this.#loop.length]!
    return out
  }
}

/**
 * As peer/audio/devices/program-speaker.ts: fed by the clock and by what the sound system reports, never more than its backlog wants.
 * What was heard between the moments that `listen` was given is kept.
 */
export class CardSpeaker implements Speaker {
  readonly name = 'card'
  underruns = 0
  readonly #parts: SpeechParts
  readonly #backlog = new Backlog()
  readonly #pacer: Pacer
  #pull: Pull = () => {}
  /** Given to the card in all, ms of its own time; and when all of it will have been heard. */
  #given = 0
  #endsAt = 0
  #report: Timer | null = null
  readonly #windows: Window[] = []

  constructor(parts: SpeechParts) {
    this.#parts = parts
    this.#pacer = new Pacer(parts.busy, SPEAKER_BLOCK_MS, () => this.#feed())
  }

  get latencyMs(): number {
    return this.#backlog.at(this.#parts.clock.now())
  }

  async prepare(): Promise<void> {}

  async open(pull: Pull): Promise<number> {
    const { clock, settles } = this.#parts
    settles?.()
    this.#pull = pull
    this.#endsAt = clock.now() + START_MS
    this.#pacer.start()
    this.#feed()
    this.#schedule()
    return clock.now()
  }

  async close(): Promise<void> {
    this.#parts.settles?.()
    this.#pacer.stop()
    this.#parts.busy.clearTimeout(this.#report)
  }

  /** Keeps what will be heard from one moment to another. */
  listen(from: number, until: number): void {
    this.#windows.push(new Window(this.#parts.card, from, until))
  }

  /** What was heard in the window number `n`, on the machine's time. */
  heard(n: number): Sound {
    return this.#windows[n]!.sound()
  }

  #feed(): void {
    const { clock, card } = this.#parts
    const now = clock.now()
    while (this.#backlog.wanted(now) >= SPEAKER_BLOCK_MS) {
      const block = new Int16Array(SPEAKER_BLOCK_MS * SAMPLES_PER_MS)
      this.#pull(block, now + this.#backlog.at(now))
      if (this.#endsAt < now && this.#given > 0) {
        this.underruns++
        this.#backlog.ranDry()
      }
      const startsAt = Math.max(this.#endsAt, now)
      for (const window of this.#windows) window.note(block, startsAt)
      this.#endsAt = startsAt + block.length / samplesPerMs(card)
      this.#given += SPEAKER_BLOCK_MS
      this.#backlog.wrote(SPEAKER_BLOCK_MS)
    }
  }

  #schedule(): void {
    const { clock, busy, card } = this.#parts
    this.#report = busy.setTimeout(() => {
      const now = clock.now()
      const waits = (Math.max(0, this.#endsAt - now) * samplesPerMs(card)) / SAMPLES_PER_MS
      this.#backlog.played(this.#given - waits, now)
      this.#schedule()
    }, REPORT_MS)
  }
}

/** What a card played in a stretch of time; silence where it had nothing. */
class Window {
  readonly #card: Card
  readonly #from: number
  readonly #samples: Int16Array

  constructor(card: Card, from: number, until: number) {
    this.#card = card
    this.#from = from
    this.#samples = new Int16Array(Math.ceil((until - from) * samplesPerMs(card)))
  }

  note(block: Int16Array, startsAt: number): void {
    const place = Math.round((startsAt - this.#from) * samplesPerMs(this.#card))
    if (place <= -block.length || place >= this.#samples.length) return
    this.#samples.set(
      block.subarray(Math.max(0, -place), Math.min(block.length, this.#samples.length - place)),
      Math.max(0, place),
    )
  }

  sound(): Sound {
    return onMachineTime(this.#samples, this.#card, this.#from)
  }
}
