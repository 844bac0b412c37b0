/** What a terminal shows, as cells: text with the colours and styles that escape sequences gave it (ECMA-48, SGR). */

export interface Style {
  /** `#rrggbb`; null: the terminal's own. */
  readonly fg: string | null
  readonly bg: string | null
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly reverse: boolean
}

/** Characters of one style that stand side by side. */
export interface Run {
  readonly column: number
  readonly text: string
  readonly style: Style
}

export type Row = readonly Run[]

export const PLAIN: Style = {
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  reverse: false,
}

/** The sixteen named colours, on a dark ground. */
const NAMED = [
  ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
  ...['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#f0f6fc'],
]
const CUBE = [0, 95, 135, 175, 215, 255]

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
const TOKEN = /\x1b\[([0-9;:]*)m|\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x1f\x7f]/g

/** Rows of a screen as `tmux capture-pane -e` gives them: a style goes on at the next line until it is changed. */
export function parseScreen(lines: readonly string[]): Row[] {
  let style = PLAIN
  return lines.map(line => {
    const runs: Run[] = []
    let [at, column] = [0, 0]
    const put = (text: string) => {
      if (text === '') return
      runs.push({ column, text, style })
      column += [...text].length
    }
    for (const token of line.matchAll(TOKEN)) {
      put(line.slice(at, token.index))
      at = token.index + token[0].length
      if (token[1] !== undefined) style = restyled(style, token[1])
    }
    put(line.slice(at))
    return runs
  })
}

/** The style after an SGR sequence with these parameters. */
function restyled(before: Style, parameters: string): Style {
  let style: Style = before
  const codes = parameters.split(/[;:]/).map(Number)
  for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
    if (code === 0) style = PLAIN
    else if (code === 1) style = { ...style, bold: true }
    else if (code === 2) style = { ...style, dim: true }
    else if (code === 3) style = { ...style, italic: true }
    else if (code === 4) style = { ...style, underline: true }
    else if (code === 7) style = { ...style, reverse: true }
    else if (code === 22) style = { ...style, bold: false, dim: false }
    else if (code === 23) style = { ...style, italic: false }
    else if (code === 24) style = { ...style, underline: false }
    else if (code === 27) style = { ...style, reverse: false }
    else if (code === 38) style = { ...style, fg: extended(codes) }
    else if (code === 48) style = { ...style, bg: extended(codes) }
    else if (code === 39) style = { ...style, fg: null }
    else if (code === 49) style = { ...style, bg: null }
    else if (code >= 30 && code <= 37) style = { ...style, fg: NAMED[code - 30]! }
    else if (code >= 40 && code <= 47) style = { ...style, bg: NAMED[code - 40]! }
    else if (code >= 90 && code <= 97) style = { ...style, fg: NAMED[code - 82]! }
    else if (code >= 100 && code <= 107) style = { ...style, bg: NAMED[code - 92]! }
  }
  return style
}

/** Takes `5;n` or `2;r;g;b` off the codes. */
function extended(codes: number[]): string | null {
  const kind = codes.shift()
  if (kind === 2) return hex(codes.shift() ?? 0, codes.shift() ?? 0, codes.shift() ?? 0)
  if (kind !== 5) return null
  const n = codes.shift() ?? 0
  if (n < 16) return NAMED[n]!
  if (n >= 232) return hex(...([0, 0, 0].map(() => 8 + 10 * (n - 232)) as [number, number, number]))
  return hex(CUBE[Math.floor((n - 16) / 36)]!, CUBE[Math.floor((n - 16) / 6) % 6]!, CUBE[(n - 16) % 6]!)
}

function hex(...rgb: [number, number, number]): string {
  return `#${rgb.map(part => Math.min(255, part).toString(16).padStart(2, '0')).join('')}`
}
