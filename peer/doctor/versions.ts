/** Is Node new enough? */
import { type Finding, fault, okay } from './finding.js'

export interface Versions {
  /** `20.19.1` */
  readonly node: string
  /** What package.json asks for, `>=20.19`. */
  readonly engines: string
  readonly program: string
  /** `linux x64` */
  readonly system: string
}

export function checkVersions({ node, engines, program, system }: Versions): Finding {
  const wanted = engines.replace(/^>=\s*/, '')
  const seen = `voicechat ${program}, Node ${node}, ${system}.`
  if (isOlder(node, wanted))
    return fault(`${seen} That Node is too old.`, `Install Node ${wanted} or later: nodejs.org.`)
  return okay(seen)
}

/** Compares as many numbers as `than` has. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split('.').map(part => Number.parseInt(part, 10) || 0)
  const have = numbers(version)
  for (const [i, want] of numbers(than).entries()) {
    const difference = (have[i] ?? 0) - want
    if (difference !== 0) return difference < 0
  }
  return false
}
