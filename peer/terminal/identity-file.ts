/** One's identity key on disk: made at the first run, kept in the platform's configuration folder, readable by nobody else. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import { createIdentity, type Identity, identityFromSecret } from '../../protocol/identity.js'
import { CONFIG_FOLDER } from './config-folder.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'

/** Reads the identity in `folder`, or makes one. A damaged file is never replaced. Throws a CommandProblem. */
export async function loadIdentity(folder: string = CONFIG_FOLDER): Promise<Identity> {
  const path = join(folder, 'identity.json')
  try {
    return (await read(path)) ?? (await create(folder, path))
  } catch (error) {
    if (error instanceof CommandProblem) throw error
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CommandProblem(
      'identityFile',
      `The identity file ${path} cannot be used (${code}).`,
      'Make that folder yours and writable, or set XDG_CONFIG_HOME to another.',
      EXIT.usage,
    )
  }
}

async function read(path: string): Promise<Identity | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const secret = secretOf(text)
  if (secret) return identityFromSecret(secret)
  throw new CommandProblem(
    'damagedIdentity',
    `The identity file ${path} is damaged.`,
    'Put back a copy, or move it away: then a new identity is made, and others see a new key.',
    EXIT.usage,
  )
}

function secretOf(text: string): Uint8Array | null {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null || !('secretKey' in json) || typeof json.secretKey !== 'string')
      return null
    const secret = fromBase64url(json.secretKey)
    return secret?.length === 32 ? secret : null
  } catch {
    return null
  }
}

/** Written aside and linked into place, so that two programs that start at once agree on one identity. */
async function create(folder: string, path: string): Promise<Identity> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const identity = createIdentity(randomBytes)
  const aside = `${path}.${randomBytes(8).toString('hex')}.new`
  const file = await open(aside, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, secretKey: toBase64url(identity.secretKey) })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(aside, path)
    return identity
  } catch (error) {
    const winner = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await read(path) : null
    if (winner) return winner
    throw error
  } finally {
    await unlink(aside)
  }
}
