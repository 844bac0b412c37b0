import type { ExitCode } from './exit-codes.js'

/** Something that stops the program before or beside a call: a name, what happened, what to do. */
export class CommandProblem extends Error {
  override readonly name: string
  readonly hint: string
  readonly exitCode: ExitCode

  constructor(name: string, message: string, hint: string, exitCode: ExitCode) {
    super(message)
    this.name = name
    this.hint = hint
    this.exitCode = exitCode
  }
}
