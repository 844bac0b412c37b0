/** Where the code of the other side comes from: an argument, the environment, or a question. */
import { ask } from '../ask.js'
import { EXIT } from '../exit-codes.js'
import type { PeerFlags } from '../options.js'
import { CommandProblem } from '../problem.js'
import { type OneTimeCode, parseCode } from './code.js'

/** For `--code` with or without a value. Throws a CommandProblem. */
export async function whichCode(flags: PeerFlags, env: NodeJS.ProcessEnv): Promise<OneTimeCode> {
  const given = typeof flags.code === 'string' ? flags.code : env.VOICECHAT_CODE
  if (given !== undefined && given !== '') return checked(given)
  if (process.stdin.isTTY && !flags.json) return askForCode()
  throw new CommandProblem(
    'noTerminal',
    'There is no terminal to ask for the code.',
    'Give it behind --code, or in the environment variable VOICECHAT_CODE.',
    EXIT.usage,
  )
}

/** Asks again until it is one. */
async function askForCode(): Promise<OneTimeCode> {
  for (;;) {
    const parsed = parseCode(await ask('The code that the other side has told you: '))
    if (parsed.ok) return parsed.value
    process.stderr.write(`${parsed.error.message}\n`)
  }
}

function checked(text: string): OneTimeCode {
  const parsed = parseCode(text)
  if (parsed.ok) return parsed.value
  throw new CommandProblem(
    'badCode',
    parsed.error.message,
    'Nothing was sent, and the code is as good as before: give it once more.',
    EXIT.usage,
  )
}
