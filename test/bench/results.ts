/** Results that are kept beside the bench, as a page. */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { fixed } from './figures.js'

export interface Results {
  /** Of the page in test/bench, without `.md`. */
  readonly file: string
  readonly title: string
  /** What of `npm run` wrote it. */
  readonly command: string
  readonly lines: readonly string[]
}

export function writeResults(say: (line: string) => void, { file, title, command, lines }: Results): void {
  const [cpu] = cpus()
  const machine = `Node ${process.version}, ${cpus().length} cores (${cpu?.model.trim()}), ${fixed(totalmem() / 2 ** 30)} GiB`
  const written = `Written by \`npm run ${command}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}, load average ${fixed(loadavg()[0], 1)} at the end: figures of a machine that others use as well are good for their ratios alone.`
  const page = ['', ...lines].join('\n')
  writeFileSync(
    fileURLToPath(new URL(`../../../test/bench/${file}.md`, import.meta.url)),
    `# ${title}\n\n${written}\n${page}\n`,
  )
  say(`Written to test/bench/${file}.md.`)
}
