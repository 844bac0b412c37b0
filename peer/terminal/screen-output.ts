/**
 * The call screen: lines for what happened, which go up into the terminal's history, and below them a few live lines, drawn anew in
 * place.
 */
import type { DeviceChange } from '../audio/audio.js'
import { SILENCE_DB } from '../audio/level.js'
import type { CallState, CallView } from '../call/view.js'
import { EventLines } from './event-lines.js'
import type { Invitation } from './one-time/invitation.js'
import type { Output, Problem } from './output.js'
import { QualityMeter } from './quality.js'
import type { Glyphs } from './screen/glyphs.js'
import { PeakHold } from './screen/meter.js'
import { panel } from './screen/panel.js'
import { Region } from './screen/region.js'
import type { Shown, Size } from './screen/shown.js'
import type { Names } from './sentences.js'
import type { CallStats } from './stats.js'

/** How often the meters are drawn while talking, and the time before that, ms. */
const METERS_MS = 100
const CLOCK_MS = 1_000
/** After so long without a sound the microphone is said to give none, ms: its meter alone takes three seconds to fall. */
const NO_SOUND_MS = 3_000
const BELL = '\x07'

/** The terminal that it is shown on. */
export interface Screen {
  readonly glyphs: Glyphs
  readonly colour: boolean
  /** See Region. */
  readonly xtermJs: boolean
  write(text: string): void
  /** Whether it takes what is written; if not, it waits in memory, and nothing more should be drawn. */
  keepsUp(): boolean
  /** As it is now. */
  size(): Size
  /** Tells of new sizes until it is stopped. */
  onResize(told: () => void): () => void
  /** ms. */
  now(): number
  every(ms: number, run: () => void): () => void
}

/** dBFS, of the moment. */
export type Levels = () => { readonly levelIn: number; readonly levelOut: number }

export class ScreenOutput implements Output {
  readonly #screen: Screen
  readonly #names: Names
  readonly #levels: Levels
  readonly #region: Region
  readonly #lines: EventLines
  readonly #quality = new QualityMeter()
  readonly #ownPeak = new PeakHold()
  readonly #otherPeak = new PeakHold()
  readonly #unwatch: () => void
  #view: CallView | null = null
  #stats: CallStats | null = null
  #invitation: Invitation | null = null
  #volume = 100
  #since: number
  #talkingSince: number | null = null
  /** When the microphone was last heard, muted, or not open yet. */
  #soundAt: number
  #awaited = false
  #size: Size
  #ticking: { readonly ms: number; stop(): void } | null = null

  constructor(screen: Screen, names: Names, levels: Levels) {
    this.#screen = screen
    this.#names = names
    this.#levels = levels
    this.#region = new Region(text => screen.write(text), screen.colour, screen.xtermJs)
    this.#lines = new EventLines(line => this.#region.above(line), names)
    this.#size = screen.size()
    this.#since = screen.now()
    this.#soundAt = this.#since
    this.#unwatch = screen.onResize(() => this.#resized())
  }

  note(line: string): void {
    this.#lines.note(line)
  }

  /** Shown as long as it is of use, and never among the lines that stay. */
  invite(invitation: Invitation): void {
    this.#invitation = invitation
    this.#draw()
  }

  view(view: CallView): void {
    if (view.verified) this.#invitation = null
    const before = this.#view
    this.#view = view
    if (before?.state !== view.state) this.#entered(view.state)
    this.#ring(view)
    this.#lines.view(view)
    this.#draw()
  }

  stats(stats: CallStats): void {
    this.#stats = stats
    if (this.#view) this.#quality.take(stats, this.#view, this.#screen.now())
    this.#draw()
  }

  devices(): void {
    this.#soundAt = this.#screen.now()
  }

  device(change: DeviceChange): void {
    this.#lines.device(change)
  }

  process(): void {}

  volume(percent: number): void {
    this.#volume = percent
    this.#draw()
  }

  problem(problem: Problem): void {
    this.#lines.problem(problem)
  }

  close(): void {
    this.#ticking?.stop()
    this.#ticking = null
    this.#unwatch()
    this.#region.clear()
    this.#view = null
  }

  #entered(state: CallState): void {
    const now = this.#screen.now()
    this.#since = now
    if (state === 'talking') {
      this.#talkingSince ??= now
      this.#soundAt = now
    }
    const ms = state === 'talking' ? METERS_MS : CLOCK_MS
    if (this.#ticking?.ms === ms) return
    this.#ticking?.stop()
    this.#ticking = { ms, stop: this.#screen.every(ms, () => this.#draw()) }
  }

  /** Whoever waited for the other side may look elsewhere. */
  #ring(view: CallView): void {
    if (view.presence === 'absent' && view.state === 'waiting') this.#awaited = true
    if (!this.#awaited || (view.state !== 'agreeing' && view.state !== 'talking')) return
    this.#awaited = false
    this.#screen.write(BELL)
  }

  #resized(): void {
    if (!this.#screen.keepsUp()) return
    this.#size = this.#screen.size()
    this.#region.redraw(this.#render(), this.#size.columns)
  }

  #draw(): void {
    if (!this.#screen.keepsUp()) return
    const { columns, rows } = this.#screen.size()
    // The terminal may have changed before its signal got here.
    if (columns !== this.#size.columns || rows !== this.#size.rows) this.#resized()
    else this.#region.show(this.#render())
  }

  #render() {
    const shown = this.#shown()
    return shown ? panel(shown, this.#size, this.#screen.glyphs) : []
  }

  #shown(): Shown | null {
    const view = this.#view
    if (!view) return null
    const now = this.#screen.now()
    const { levelIn, levelOut } = this.#levels()
    if (levelIn > SILENCE_DB || view.muted) this.#soundAt = now
    return {
      view,
      names: this.#names,
      stats: this.#stats,
      invitation: this.#invitation,
      elapsedMs: now - (view.state === 'talking' ? (this.#talkingSince ?? now) : this.#since),
      own: { now: levelIn, peak: this.#ownPeak.take(levelIn, now) },
      other: { now: levelOut, peak: this.#otherPeak.take(levelOut, now) },
      noSound: now - this.#soundAt > NO_SOUND_MS,
      quality: this.#quality,
      volume: this.#volume,
    }
  }
}
