#!/usr/bin/env node
/** The `voicechat-peer` command. */
import { CommanderError } from 'commander'
import { VERSION } from '../../protocol/node-package.js'
import { runAtEnd } from './at-end.js'
import { addNegations, applyDefaults } from './defaults.js'
import { EXIT } from './exit-codes.js'
import { flagsOf, peerCommand, usageProblem } from './options.js'
import { explain, run } from './run.js'
import { SettingsFile } from './settings-file.js'
import { addSubcommands } from './subcommands.js'
import { inOneLine } from './troubles.js'

const verbose = process.argv.includes('--verbose')
const json = process.argv.includes('--json')

function report(error: unknown): number {
  const { name, message, hint, code } = explain(error)
  if (json) process.stdout.write(`${JSON.stringify({ event: 'error', t: Date.now(), name, message, hint })}\n`)
  else process.stderr.write(`${inOneLine({ name, message, hint })}\n`)
  if (verbose && code === EXIT.crash && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return code
}

const crash = (error: unknown) => {
  runAtEnd()
  process.exit(report(error))
}
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
// Whoever read our output is gone: nobody listens any more.
process.stdout.on('error', () => process.exit(EXIT.ok))

let main = run
let anyConfig = false
const command = addSubcommands(addNegations(peerCommand(VERSION)), (subcommand, operands, own) => {
  main = flags => subcommand.run(flags, operands, command, own)
  anyConfig = subcommand.anyConfig === true
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
  if (!anyConfig) applyDefaults(command, process.env, SettingsFile.read())
  process.exit(await main(flagsOf(command)))
} catch (error) {
  process.exit(report(error))
}
