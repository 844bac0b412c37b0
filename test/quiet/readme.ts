import { readFileSync } from 'node:fs'

const README = new URL('../../../README.md', import.meta.url)

/** The first command in running text of README.md that matches. Throws when there is none. */
export function commandInText(pattern: RegExp): string {
  const commands = [...readFileSync(README, 'utf8').matchAll(/`(npx [^`]+)`/g)].map(([, command]) => command!)
  const found = commands.find(command => pattern.test(command))
  if (found === undefined) throw new Error(`README.md has no command like ${pattern}`)
  return found
}

/** The lines of the first `sh` block under this heading of README.md. Throws when there is none. */
export function commandsUnder(heading: string): string[] {
  const [, section] = readFileSync(README, 'utf8').split(new RegExp(`^#+ ${heading}$`, 'm'))
  const block = /^```sh\n(.*?)^```$/ms.exec(section?.split(/^## /m)[0] ?? '')?.[1]
  if (block === undefined) throw new Error(`README.md has no commands under "${heading}"`)
  return block.trim().split('\n')
}
