import type { StateProblemName } from '../protocol/node-state-file.js'

export type ServerProblemName =
  | 'portInUse'
  | 'noPermission'
  | 'badHost'
  | 'badPort'
  | 'badPublicUrl'
  | 'badStateDir'
  | 'stateDirInUse'
  | StateProblemName
  | 'cannotListen'
  | 'stunPortInUse'
  | 'badTurnUrl'
  | 'badTurnSecret'
  | 'turnWithoutSecret'
  | 'secretWithoutTurn'

/** Why a server did not start: a name for programs, a sentence and a hint for people. */
export class ServerProblem extends Error {
  override readonly name: ServerProblemName
  readonly hint: string

  constructor(name: ServerProblemName, message: string, hint: string) {
    super(message)
    this.name = name
    this.hint = hint
  }
}
