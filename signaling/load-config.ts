/** Puts together what the command line, the environment and the file say. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { fileReason } from '../protocol/node-file-reason.js'
import { type ConfigFile, type Found, settle } from './config.js'
import { CONFIG_PATH, flagsOf } from './options.js'
import { ServerProblem } from './server-problem.js'

/** All settings of a parsed command line, and the path of the file that was read. Throws a ServerProblem, `configFile` or `badConfig`. */
export function loadConfig(
  command: Command,
  env: NodeJS.ProcessEnv,
  usual = CONFIG_PATH,
): { readonly found: readonly Found[]; readonly path: string | null } {
  const flags = flagsOf(command)
  const file = readConfig(flags.get('config'), env.VOICECHAT_CONFIG, usual)
  const { found, problems } = settle(flags, env, file)
  if (problems.length > 0)
    throw new ServerProblem('badConfig', problems.join('\n'), 'Correct that; nothing was started.')
  return { found, path: file?.path ?? null }
}

/** `flag`: a path, or false: none. `usual`: what is read where nothing is named, if it is there. */
function readConfig(flag: unknown, variable: string | undefined, usual: string): ConfigFile | null {
  if (flag === false) return null
  const named = typeof flag === 'string' ? flag : variable
  const path = named || usual
  try {
    return { path, bytes: readFileSync(path) }
  } catch (error) {
    if (!named && ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw new ServerProblem(
      'configFile',
      `The configuration ${path} cannot be read: ${fileReason(error)}.`,
      named
        ? 'Name another with --config, or VOICECHAT_CONFIG.'
        : 'Make it readable for this user, or say --no-config.',
    )
  }
}
