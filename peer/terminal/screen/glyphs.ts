/** The characters that the screen is drawn with. */

export interface Glyphs {
  readonly rule: string
  /** A meter: a full cell, half a one, an empty one, the highest of late. */
  readonly full: string
  readonly half: string
  readonly empty: string
  readonly peak: string
  /** From worst to best. */
  readonly spark: readonly string[]
  /** In a sparkline: nothing was measured. */
  readonly none: string
  /** Text goes on. */
  readonly more: string
}

export const UNICODE: Glyphs = {
  rule: '─',
  full: '━',
  half: '╸',
  empty: '┄',
  peak: '┃',
  spark: [...'▁▂▃▄▅▆▇█'],
  none: ' ',
  more: '…',
}

export const ASCII: Glyphs = {
  rule: '-',
  full: '=',
  half: '-',
  empty: '.',
  peak: '|',
  spark: [...'0123456789'],
  none: ' ',
  more: '~',
}

/** Those that a terminal can be trusted to show, by its environment. The text console's font has few. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): Glyphs {
  if (env.TERM === 'linux') return ASCII
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  if (/utf-?8/i.test(locale)) return UNICODE
  // Windows Terminal and the terminals of editors; the old console's fonts lack half of it.
  return platform === 'win32' && (env.WT_SESSION || env.TERM_PROGRAM) ? UNICODE : ASCII
}
