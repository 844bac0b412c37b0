/** `voicechat-peer identity`: one's own key, for people to compare, for operators to let in, and to take along to another machine. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { toBase64url } from '../../protocol/bytes.js'
import { noSuchAction } from '../../protocol/did-you-mean.js'
import { fingerprintOf } from '../../protocol/fingerprint.js'
import { fileReason } from '../../protocol/node-file-reason.js'
import { identityOf, type SavedKey, savedOf } from '../../protocol/node-secret-key.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { type FolderIO, realFolder } from './folder-io.js'
import { identityFile, loadIdentity } from './identity-file.js'
import { CommandProblem } from './problem.js'

export const identityActions = ['show', 'export', 'import'] as const

/** Throws a CommandProblem or a StateProblem. */
export async function identity(
  { json, replace }: { readonly json: boolean; readonly replace: boolean },
  [action = 'show', path]: readonly string[],
  io: FolderIO = realFolder,
): Promise<ExitCode> {
  const known = identityActions.find(each => each === action)
  if (!known) throw usage(noSuchAction('identity', action, identityActions))
  if ((known === 'show') !== (path === undefined))
    throw usage(`identity ${known} takes ${path ? 'nothing' : 'a FILE'}.`)
  if (replace && known !== 'import') throw usage('--replace belongs to identity import.')
  const say = (event: string, more: object, lines: readonly string[]) =>
    io.write(json ? `${JSON.stringify({ event, t: io.now(), ...more })}\n` : `${lines.join('\n')}\n`)
  const target = resolve(path ?? '')
  switch (known) {
    case 'show': {
      const { publicKey } = loadIdentity(io.folder)
      const [fingerprint, key] = [fingerprintOf(publicKey), toBase64url(publicKey)]
      say('identity', { fingerprint, publicKey: key, path: pathOf(io) }, [
        `Fingerprint: ${fingerprint}`,
        `Public key:  ${key}`,
        `File:        ${pathOf(io)}`,
        '',
        'Read the fingerprint to whoever wants to know that it is you; an operator of a private server needs the public key.',
      ])
      return EXIT.ok
    }
    case 'export': {
      const own = loadIdentity(io.folder)
      writeNew(target, savedOf(own))
      const fingerprint = fingerprintOf(own.publicKey)
      say('exported', { path: target, fingerprint }, [
        `Wrote your identity ${fingerprint} to ${target}.`,
        'Whoever has that file can pose as you: keep it where nobody else reads it, and remove it once it is imported.',
      ])
      return EXIT.ok
    }
    case 'import': {
      const { fingerprint, aside } = take(target, replace, io)
      say('imported', { fingerprint, aside }, [
        `You are ${fingerprint} now.`,
        ...(aside === null ? [] : [`The identity from before is kept in ${aside}.`]),
      ])
      return EXIT.ok
    }
  }
}

function pathOf({ folder }: FolderIO): string {
  return join(folder, 'identity.json')
}

/** Makes the identity in the file at `path` one's own. `aside`: where the one from before is; null: there was none, or the same. */
function take(path: string, replace: boolean, io: FolderIO): { fingerprint: string; aside: string | null } {
  const taken = identityFile(path, 'Export it again, and copy all of it.').read()
  if (!taken)
    throw new CommandProblem('noIdentityFile', `There is no file ${path}.`, 'Name an exported one.', EXIT.usage)
  let aside: string | null = null
  identityFile(pathOf(io)).update(now => {
    if (!now || now.secretKey === taken.secretKey) return now ?? taken
    if (!replace)
      throw new CommandProblem(
        'otherIdentity',
        `You have another identity: ${fingerprint(now)}.`,
        'To give it up: identity import FILE --replace. It is kept aside; who knows you by it, and a server where your id belongs to it, will not know the new one.',
        EXIT.usage,
      )
    aside = `${pathOf(io)}.replaced-${Math.round(io.now())}`
    writeNew(aside, now)
    return taken
  })
  return { fingerprint: fingerprint(taken), aside }
}

function fingerprint(saved: SavedKey): string {
  return fingerprintOf(identityOf(saved).publicKey)
}

/** For its owner's eyes alone; overwrites nothing. Throws a CommandProblem. */
function writeNew(path: string, saved: SavedKey): void {
  try {
    const file = openSync(path, 'wx', 0o600)
    try {
      writeFileSync(file, Buffer.from(`${JSON.stringify(saved)}\n`))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CommandProblem('fileExists', `The file ${path} is there already.`, 'Name another one.', EXIT.usage)
    throw new CommandProblem(
      'exportFile',
      `The file ${path} cannot be written: ${fileReason(error)}.`,
      'Name one in a folder that is there and yours.',
      EXIT.usage,
    )
  }
}

function usage(message: string): CommandProblem {
  const hint = 'Use identity, identity export FILE, or identity import FILE [--replace].'
  return new CommandProblem('usage', message, hint, EXIT.usage)
}
