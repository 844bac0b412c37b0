/** A terminal: lines for what happened, and below them one calm status line, redrawn in place. */
import type { DeviceChange } from '../audio/audio.js'
import type { CallView } from '../call/view.js'
import type { Output, Problem } from './output.js'
import { PlainOutput } from './plain-output.js'
import { duration, type Names } from './sentences.js'
import type { CallStats } from './stats.js'

const TO_LINE_START_AND_CLEAR = '\r\x1b[K'

export class ScreenOutput implements Output {
  readonly #lines: PlainOutput
  #view: CallView | null = null
  #stats: CallStats | null = null
  #talkingSince: number | null = null
  #shown = ''

  constructor(
    private readonly write: (text: string) => void,
    private readonly names: Names,
    private readonly columns: () => number,
    private readonly now: () => number,
  ) {
    this.#lines = new PlainOutput(line => this.#above(line), names)
  }

  note(line: string): void {
    this.#lines.note(line)
  }

  view(view: CallView): void {
    if (view.state === 'talking') this.#talkingSince ??= this.now()
    this.#view = view
    this.#lines.view(view)
    this.#draw()
  }

  stats(stats: CallStats): void {
    this.#stats = stats
    this.#draw()
  }

  devices(): void {}

  device(change: DeviceChange): void {
    this.#lines.device(change)
  }

  process(): void {}

  problem(problem: Problem): void {
    this.#lines.problem(problem)
  }

  close(): void {
    if (this.#shown) this.write(TO_LINE_START_AND_CLEAR)
    this.#shown = ''
    this.#view = null
  }

  /** Writes a line above the status line. */
  #above(line: string): void {
    this.write(this.#shown ? `${TO_LINE_START_AND_CLEAR}${line}` : line)
    this.#shown = ''
    this.#draw()
  }

  #draw(): void {
    const line = this.#view
      ? statusLine(this.#view, this.#stats, this.names, this.now() - (this.#talkingSince ?? this.now()))
      : ''
    const fitted = fit(line, this.columns())
    if (fitted === this.#shown) return
    this.write(`${TO_LINE_START_AND_CLEAR}${fitted}`)
    this.#shown = fitted
  }
}

/** The last column stays free: some terminals wrap when it is written. Of the way it is told all or nothing. */
function fit(line: string, columns: number): string {
  const most = Math.max(0, columns - 1)
  return line.length <= most ? line : line.replace(/ {2}via \S+$/, '').slice(0, most)
}

/** The status line; what matters most comes first, for narrow terminals. `talkedMs`: how long they have talked. */
export function statusLine(view: CallView, stats: CallStats | null, { peer }: Names, talkedMs: number): string {
  if (view.state !== 'talking') return view.state === 'ended' ? '' : `${view.state} ${peer}  [q] quit`
  const parts = [`talking ${duration(talkedMs)}`]
  if (view.muted) parts.push('MUTED')
  if (view.peerRecording) parts.push(`${peer} RECORDS`)
  if (view.recording) parts.push('REC')
  if (view.silent) parts.push(`${peer} is silent`)
  parts.push(view.route ?? 'no route')
  if (stats) {
    if (stats.rttMs !== null) parts.push(`RTT ${stats.rttMs} ms`)
    parts.push(`loss ${stats.lossPct.toFixed(1)} %`)
  }
  if (view.peerMuted) parts.push(`${peer} is muted`)
  // The keys come last: they may be cut off.
  parts.push(`${view.muted ? '[m] unmute' : '[m] mute'} [q] hang up${view.verified ? '' : ' [v] same code'}`)
  const path = view.route === 'direct' ? stats?.path : null
  if (path) parts.push(`via ${path.local}-${path.remote}`)
  return parts.join('  ')
}
