import { reasonOf } from './reason.js'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's share of the disk is full",
  ENOTDIR: 'its folder is a file',
  ELOOP: 'its links lead in a circle',
}

/** Why a file could not be used, as the end of a sentence. */
export function fileReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return code === undefined ? reasonOf(error) : (REASONS[code] ?? code)
}
