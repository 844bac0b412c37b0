/** A copy of the compiled code in which something is wrong on purpose. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DIST } from './hunt.js'

const FROM = fileURLToPath(DIST)

/** In a file of dist/: what stands there, exactly once, and what takes its place. */
export interface Fault {
  readonly file: string
  readonly from: string
  readonly to: string
}

/**
 * Hands the URL of a copy with this fault to `use`, and removes the copy afterwards. Throws where the fault does not fit the code any
 * more. Packages are found, since the copy is below dist/.
 */
export async function withFault<T>({ file, from, to }: Fault, use: (root: string) => Promise<T>): Promise<T> {
  const parent = join(FROM, '.faulty')
  mkdirSync(parent, { recursive: true })
  const copy = mkdtempSync(join(parent, 'copy-'))
  try {
    for (const part of ['protocol', 'peer', 'signaling', 'test'])
      cpSync(join(FROM, part), join(copy, 'dist', part), {
        recursive: true,
        filter: path => !/\.(map|d\.ts)$|\.test\.js$/.test(path),
      })
    const path = join(copy, 'dist', file)
    const parts = readFileSync(path, 'utf8').split(from)
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places like ${from}`)
    writeFileSync(path, parts.join(to))
    return await use(pathToFileURL(join(copy, 'dist/')).href)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
