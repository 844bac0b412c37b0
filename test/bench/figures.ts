/** Figures and how they are shown. */

/** Nearest rank; NaN for nothing. `part`: 0 to 1. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** A number for people; "-" for what could not be measured. */
export function fixed(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(digits)
}

/** Rows as lines: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0)))
  return rows.map(cells =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd(),
  )
}

/** The same as a table of Markdown; the first row is its head. */
export function markdown([heads = [], ...rows]: readonly (readonly string[])[]): string[] {
  const rule = heads.map((_, n) => (n === 0 ? '---' : '---:'))
  return [heads, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`)
}

/** The median of some figures, and where the middle half of them lies. */
export function medianCells(values: readonly number[], digits: number): string[] {
  const spread = `${fixed(percentile(values, 0.25), digits)} - ${fixed(percentile(values, 0.75), digits)}`
  return [fixed(median(values), digits), spread]
}
