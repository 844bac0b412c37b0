/** Plain lines, without control codes: for screen readers, pipes and logs, and whoever reads slowly. */
import type { DeviceChange } from '../audio/audio.js'
import type { CallView } from '../call/view.js'
import { EventLines } from './event-lines.js'
import { type Invitation, invitationLines } from './one-time/invitation.js'
import type { Output, Problem } from './output.js'
import { atStart } from './peer-name.js'
import { QualityWatch } from './quality-watch.js'
import type { Names } from './sentences.js'
import type { CallStats } from './stats.js'

export class PlainOutput implements Output {
  readonly #lines: EventLines
  readonly #watch = new QualityWatch()
  #view: CallView | null = null
  #muted = false
  #peerMuted = false

  /** `now`: ms. */
  constructor(
    write: (line: string) => void,
    private readonly names: Names,
    private readonly now: () => number,
  ) {
    this.#lines = new EventLines(write, names)
  }

  note(line: string): void {
    this.#lines.note(line)
  }

  invite(invitation: Invitation): void {
    for (const line of invitationLines(invitation)) this.note(line)
  }

  view(view: CallView): void {
    this.#view = view
    this.#lines.view(view)
    const peer = atStart(this.names.peer)
    if (view.muted !== this.#muted) this.note(view.muted ? 'Your microphone is muted.' : 'Your microphone is open.')
    this.#muted = view.muted
    if (view.peerMuted !== this.#peerMuted && view.state === 'talking')
      this.note(view.peerMuted ? `${peer} is muted.` : `${peer} is no longer muted.`)
    this.#peerMuted = view.peerMuted
  }

  stats(stats: CallStats): void {
    const change = this.#view && this.#watch.take(stats, this.#view, this.now())
    if (change === 'poor') this.note(`The sound from ${this.names.peer} is poor: much of it gets lost on the way.`)
    if (change === 'good') this.note(`The sound from ${this.names.peer} is good again.`)
  }

  devices(): void {}

  device(change: DeviceChange): void {
    this.#lines.device(change)
  }

  process(): void {}

  volume(percent: number): void {
    this.note(`Volume ${percent} %.`)
  }

  problem(problem: Problem): void {
    this.#lines.problem(problem)
  }

  close(): void {}
}
