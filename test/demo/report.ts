/** What the demo found out, as a table, and whether that is good enough. */

/** One way of the call: what one side heard of the other. Times in ms. */
export interface Way {
  readonly listener: string
  readonly speaker: string
  readonly route: string
  /** From the start of the second program to the first sound that this listener heard. */
  readonly firstSoundMs: number | undefined
  readonly delayP50: number
  readonly delayP95: number
  readonly framesLost: number
  readonly framesConcealed: number
  /** Frames of the listener's whole call, 20 ms each. */
  readonly frames: number
  readonly gaps: number
  readonly longestGapMs: number
  readonly stoi: number
  readonly estoi: number
  /** Voice and all else that came, sealed, kb/s. */
  readonly kbps: number
  readonly verifiedBy: string
  readonly code: string
  readonly heardFile: string
}

/** STOI that each way must exceed. */
export const GOOD_STOI = 0.9

/** What is wrong with the call, a sentence each; empty when it was good. */
export function findFaults(ways: readonly Way[]): string[] {
  const faults = ways.flatMap(({ listener, speaker, stoi, firstSoundMs, verifiedBy }) => {
    if (firstSoundMs === undefined) return [`${listener} heard nothing.`]
    if (Number.isNaN(stoi)) return [`What ${listener} heard is not what ${speaker} said.`]
    return [
      ...(stoi > GOOD_STOI
        ? []
        : [`${listener} understood ${speaker} badly: STOI ${fixed(stoi, 3)}, wanted over ${GOOD_STOI}.`]),
      ...(verifiedBy === 'password' ? [] : [`${listener} did not verify ${speaker} by the password.`]),
    ]
  })
  const codes = new Set(ways.map(way => way.code))
  return codes.size > 1 ? [...faults, `The two sides show different codes: ${[...codes].join(', ')}.`] : faults
}

/** The table, a line each, without colours. */
export function renderReport(ways: readonly Way[]): string[] {
  const row = (label: string, cell: (way: Way) => string) => [label, ...ways.map(cell)]
  const rows = [
    row('', way => `${way.listener} hears ${way.speaker}`),
    row('Route', way => way.route),
    row('Verified by', way => `${way.verifiedBy}, code ${way.code}`),
    row('First sound', way =>
      way.firstSoundMs === undefined ? 'never' : `after ${fixed(way.firstSoundMs / 1000, 2)} s`,
    ),
    row('Mouth to ear', way => `${fixed(way.delayP50, 0)} ms, p95 ${fixed(way.delayP95, 0)} ms`),
    row('Frames lost', way => `${way.framesLost} of ${way.frames}`),
    row('Frames concealed', way => `${way.framesConcealed}`),
    row('Gaps in speech', way => (way.gaps ? `${way.gaps}, longest ${way.longestGapMs} ms` : 'none')),
    row('Understood', way => `STOI ${fixed(way.stoi, 3)}, ESTOI ${fixed(way.estoi, 3)}`),
    row('Came in', way => `${fixed(way.kbps, 0)} kb/s`),
    row('Heard', way => way.heardFile),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(cells => cells[column]!.length)))
  return rows.map(cells =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd(),
  )
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-'
}
