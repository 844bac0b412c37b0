import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** What the program is built from. */
const PARTS = ['LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json', 'protocol', 'signaling', 'peer']

/** A copy of the sources, as they are now, without anything that was built. */
export function copyCheckout(folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  return folder
}
