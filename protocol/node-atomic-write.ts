/**
 * Writes a file whole or not at all: aside, onto the disk, then in the old one's place. Own code, since write-file-atomic (7.0.1)
 * takes a short write for a whole one: on a full disk it puts half a file in the place of a good one, without an error.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, lstatSync, openSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** For its owner's eyes alone. */
const MODE = 0o600

/** Where a path leads: people keep such files elsewhere and link to them, and the link stays. Throws where it leads nowhere. */
export function realTarget(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return realpathSync(path)
  return join(realpathSync(dirname(path)), basename(path))
}

/** Mode 0600. `path` is a real one (see above), its folder is there. Throws what Node throws, and then changed nothing. */
export function writeAtomically(path: string, text: string): void {
  const aside = nameAside(path)
  const file = openSync(aside, 'wx', MODE)
  try {
    try {
      // Of bytes Node writes all, in as many steps as it takes.
      writeFileSync(file, Buffer.from(text))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
  syncFolder(path)
}

/** The same without keeping the program waiting. Two at once on one path: the one that ends last stays. */
export async function writeAtomicallyLater(path: string, text: string): Promise<void> {
  const aside = nameAside(path)
  const file = await open(aside, 'wx', MODE)
  try {
    try {
      await file.writeFile(Buffer.from(text))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  const folder = await open(dirname(path), 'r').catch(() => null)
  await folder?.sync().catch(() => {})
  await folder?.close()
}

/** The new name is on the disk as well: else a power cut may bring the old file back. Not every system can. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(dirname(path), 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  } catch {
    // Then the system sees to it in its own time.
  }
}

function nameAside(path: string): string {
  return `${path}.${randomBytes(8).toString('hex')}.new`
}
