import type { CallView } from '../../../../peer/call/view.js'
import { QualityMeter } from '../../../../peer/terminal/quality.js'
import type { Shown } from '../../../../peer/terminal/screen/shown.js'
import { NAMES, stats, talking } from '../views.js'

/** What the screen shows in the middle of a call, but for `change`. */
export function shown(view: Partial<CallView> = {}, change: Partial<Shown> = {}): Shown {
  return {
    view: talking(view),
    names: NAMES,
    invitation: null,
    stats: stats({ path: { local: 'host', remote: 'reflexive' } }),
    elapsedMs: 42_000,
    own: { now: -30, peak: -12 },
    other: { now: -45, peak: -45 },
    noSound: false,
    quality: qualities([0, 0, 0, 2, 0]),
    volume: 100,
    ...change,
  }
}

/** A meter that saw seconds in which so many frames were lost; null: the other side was muted. */
export function qualities(lost: readonly (number | null)[]): QualityMeter {
  const meter = new QualityMeter()
  let total = 0
  meter.take(stats({ framesLost: 0, framesConcealed: 0 }), { silent: false, peerMuted: false }, 0)
  for (const [i, frames] of lost.entries()) {
    total += frames ?? 0
    meter.take(
      stats({ framesLost: total, framesConcealed: 0 }),
      { silent: false, peerMuted: frames === null },
      (i + 1) * 1000,
    )
  }
  return meter
}
