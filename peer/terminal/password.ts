/** Where the password comes from: a file, a question without echo, or the environment; never an argument. */
import { readFile } from 'node:fs/promises'
import { ask } from './ask.js'
import { EXIT } from './exit-codes.js'
import type { PeerFlags } from './options.js'
import { CommandProblem } from './problem.js'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
}

/** Null: none; the two people compare a code instead. Throws a CommandProblem. */
export async function passwordOf(flags: PeerFlags, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (flags.passwordFile !== undefined) return fromFile(flags.passwordFile)
  if (flags.password) {
    if (process.stdin.isTTY && !flags.json) return ask('Password: ', { echo: false })
    throw new CommandProblem(
      'noTerminal',
      'There is no terminal to ask for the password.',
      'Use --password-file FILE or the environment variable VOICECHAT_PASSWORD.',
      EXIT.usage,
    )
  }
  return env.VOICECHAT_PASSWORD || null
}

async function fromFile(path: string): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CommandProblem(
      'passwordFile',
      `The password file ${path} cannot be read: ${REASONS[code] ?? code}.`,
      'Check the path and its permissions.',
      EXIT.usage,
    )
  }
  // Some editors put a byte order mark in front.
  const password = text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '')
  if (password === '')
    throw new CommandProblem(
      'passwordFile',
      `The password file ${path} is empty.`,
      'Put the password on its first line.',
      EXIT.usage,
    )
  if (/[\r\n]/.test(password))
    throw new CommandProblem(
      'passwordFile',
      `The password file ${path} has several lines.`,
      'Put the password, and nothing else, on one line.',
      EXIT.usage,
    )
  return password
}
