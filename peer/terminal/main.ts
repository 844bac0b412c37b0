#!/usr/bin/env node
/** The `voicechat-peer` command. */
import { CommanderError } from 'commander'
import { EXIT } from './exit-codes.js'
import { flagsOf, peerCommand, usageProblem } from './options.js'
import { explain, run } from './run.js'
import { addSubcommands } from './subcommands.js'
import { VERSION } from './version.js'

const verbose = process.argv.includes('--verbose')
const json = process.argv.includes('--json')

function report(error: unknown): number {
  const { name, message, hint, code } = explain(error)
  if (json) process.stdout.write(`${JSON.stringify({ event: 'error', t: Date.now(), name, message, hint })}\n`)
  else process.stderr.write(`${message}${hint ? ` ${hint}` : ''}\n`)
  if (verbose && code === EXIT.crash && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return code
}

const crash = (error: unknown) => process.exit(report(error))
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
// Whoever read our output is gone: nobody listens any more.
process.stdout.on('error', () => process.exit(EXIT.ok))

let main = run
const command = addSubcommands(peerCommand(VERSION), ({ run }, operands) => {
  main = flags => run(flags, operands)
})
if (json) command.configureOutput({ writeErr: () => {} })
try {
  command.parse()
} catch (error) {
  if (!(error instanceof CommanderError)) crash(error)
  else if (error.exitCode === 0) process.exit(EXIT.ok)
  else if (json) report(usageProblem(error))
  process.exit(EXIT.usage)
}
try {
  process.exit(await main(flagsOf(command)))
} catch (error) {
  process.exit(report(error))
}
