/** When something was wrong in a simulated call, so that what then happened can be judged. Times: ms since both were started. */
import type { FaultKind } from './fault.js'

export interface Trouble {
  readonly kind: FaultKind
  readonly from: number
  /** Infinity while it lasts. */
  to: number
}

/** People may do this as they like: nothing goes wrong by it. */
const HARMLESS: ReadonlySet<FaultKind> = new Set(['mute', 'unmute', 'confirm'])

export class Troubles {
  readonly all: Trouble[] = []

  /** Begins one; the caller sets its end. */
  begin(kind: FaultKind, from: number): Trouble {
    const trouble = { kind, from, to: Number.POSITIVE_INFINITY }
    if (!HARMLESS.has(kind)) this.all.push(trouble)
    return trouble
  }

  /** Whether anything was wrong at some time from the one to the other, both included. */
  within(from: number, to: number): boolean {
    return this.all.some(trouble => trouble.from <= to && trouble.to >= from)
  }

  /** Whether one of these kinds was there, at any time. */
  had(...kinds: readonly FaultKind[]): boolean {
    return this.all.some(({ kind }) => kinds.includes(kind))
  }

  /** When the last one that is over was over; negative infinity: there was none. */
  get lastEnd(): number {
    return this.all.reduce((last, { to }) => Math.max(last, to), Number.NEGATIVE_INFINITY)
  }
}
