/** A copy of the compiled code with something changed in it on purpose, to see whether the tests notice. */
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** In a file of dist/: what stands there, exactly once, and what takes its place. */
export interface Change {
  readonly file: string
  readonly from: string
  readonly to: string
}

export interface BrokenBuild {
  /** Path of a compiled file in the copy. */
  path(file: string): string
  remove(): void
}

const DIST = fileURLToPath(new URL('../', import.meta.url))

/**
 * Copies these parts of dist/ and makes the changes. The copy lies below dist/, so that packages are found. Throws an Error where a
 * change does not fit the code any more; `name` says whose it is.
 */
export function breakBuild(name: string, parts: readonly string[], changes: readonly Change[]): BrokenBuild {
  const root = join(DIST, '.broken')
  mkdirSync(root, { recursive: true })
  const copy = mkdtempSync(join(root, 'copy-'))
  const remove = () => rmSync(copy, { recursive: true, force: true })
  const path = (file: string) => join(copy, 'dist', file)
  try {
    for (const part of parts) linkAll(join(DIST, part), path(part))
    // The programs read their version there.
    cpSync(join(DIST, '../package.json'), join(copy, 'package.json'))
    for (const { file, from, to } of changes) {
      const pieces = readFileSync(path(file), 'utf8').split(from)
      if (pieces.length !== 2) throw new Error(`${name}: ${file} has ${pieces.length - 1} places like ${from}`)
      // A link: what is written into it would be in the true build as well.
      rmSync(path(file))
      writeFileSync(path(file), pieces.join(to))
    }
  } catch (error) {
    remove()
    throw error
  }
  return { path, remove }
}

/** How often something stands in a file of dist/. */
export function placesOf(file: string, from: string): number {
  return readFileSync(join(DIST, file), 'utf8').split(from).length - 1
}

/** Links the JavaScript below `from` to `to`. */
function linkAll(from: string, to: string): void {
  if (!statSync(from).isDirectory()) {
    if (!/\.js$/.test(from)) return
    mkdirSync(join(to, '..'), { recursive: true })
    linkSync(from, to)
    return
  }
  for (const entry of readdirSync(from)) linkAll(join(from, entry), join(to, entry))
}
