import { readFileSync } from 'node:fs'

const README = new URL('../../../README.md', import.meta.url)

/** The lines of the first `sh` block under this heading of README.md. Throws when there is none. */
export function commandsUnder(heading: string): string[] {
  const [, section] = readFileSync(README, 'utf8').split(new RegExp(`^#+ ${heading}$`, 'm'))
  const block = /^```sh\n(.*?)^```$/ms.exec(section?.split(/^## /m)[0] ?? '')?.[1]
  if (block === undefined) throw new Error(`README.md has no commands under "${heading}"`)
  return block.trim().split('\n')
}
