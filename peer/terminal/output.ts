import type { AudioStarted, DeviceChange } from '../audio/audio.js'
import type { CallView } from '../call/view.js'
import type { Invitation } from './one-time/invitation.js'
import type { ProcessFigures } from './process-meter.js'
import type { CallStats } from './stats.js'

export interface Problem {
  readonly name: string
  readonly message: string
  readonly hint: string
}

/** How a person or a program is told of the call. `view` is called often: it shows only what changed. */
export interface Output {
  /** One line for people. */
  note(line: string): void
  /** Nobody is there yet: what to tell the other side of a one-time call. */
  invite(invitation: Invitation): void
  view(view: CallView): void
  stats(stats: CallStats): void
  devices(devices: AudioStarted): void
  /** A device went or came back in mid-call. */
  device(change: DeviceChange): void
  /** What the call cost this process; told once, at its end. */
  process(figures: ProcessFigures): void
  /** How loud the other side is played now, percent. */
  volume(percent: number): void
  problem(problem: Problem): void
  /** The last thing said; gives the terminal back. */
  close(): void
}
