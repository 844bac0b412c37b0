import type { StateProblemName } from '../protocol/node-state-problem.js'

export type ServerProblemName =
  | 'configFile'
  | 'badConfig'
  | 'portInUse'
  | 'noPermission'
  | 'badHost'
  | 'badPort'
  | 'badPublicUrl'
  | 'badTlsCertificate'
  | 'badTlsKey'
  | 'tlsKeyMismatch'
  | 'certificateWithoutKey'
  | 'keyWithoutCertificate'
  | 'badTrustedProxy'
  | 'badStateDir'
  | 'stateDirInUse'
  | 'badAccessFile'
  | 'privateWithoutState'
  | 'noStateDir'
  | 'memberExists'
  | 'noSuchMember'
  | 'badMembersCommand'
  | StateProblemName
  | 'cannotListen'
  | 'stunPortInUse'
  | 'noMetricsPort'
  | 'badTurnUrl'
  | 'badTurnSecret'
  | 'turnWithoutSecret'
  | 'secretWithoutTurn'
  | 'clusterWithoutUrl'
  | 'privateCluster'
  | 'badClusterSecret'
  | 'notForWorkers'

/** Why a server did not start, or a command about it was not done: a name for programs, a sentence and a hint for people. */
export class ServerProblem extends Error {
  override readonly name: ServerProblemName
  readonly hint: string

  constructor(name: ServerProblemName, message: string, hint: string) {
    super(message)
    this.name = name
    this.hint = hint
  }
}
