/** Text in the language of manual pages: man(7), for groff and mandoc. */

/** A text as it is, wherever it stands. */
export function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
}

/** Input lines are no longer than this, in characters, where words allow it. */
const LINE = 78

/** A paragraph of running text, a line each sentence or part of one: hyphens between words stay hyphens. */
export function prose(text: string): string {
  const words = text
    .trim()
    .split(/\s+/)
    .map(word =>
      /^\W*\w+(-\w+)*\W*$/.test(word) && !word.startsWith('-') ? word.replaceAll('\\', '\\e') : escaped(word),
    )
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || /[.?!]$/.test(last) || last.length + word.length >= LINE) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map(line => line.replace(/^([.'])/, '\\&$1')).join('\n')
}

export function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`
}

export function italic(text: string): string {
  return `\\fI${escaped(text)}\\fR`
}

/** A line with its explanation indented below it. */
export function item(head: string, text: string): string {
  return `.TP\n${head}\n${prose(text)}`
}

export function section(title: string, parts: readonly string[]): string {
  return `.SH ${title.toUpperCase()}\n${parts.join('\n')}`
}
