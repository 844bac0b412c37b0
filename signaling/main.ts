#!/usr/bin/env node
/** The command `voicechat-server`. Exit codes: 2 usage, or a bad file or directory, 3 the port can't be had, 1 a crash. */
import { CommanderError } from 'commander'
import { VERSION } from '../protocol/node-package.js'
import { DEFAULT_PORT } from '../protocol/signaling.js'
import type { Run } from './commands.js'
import { limitsOf } from './limit-options.js'
import { createLog } from './log.js'
import { openMetrics } from './metrics.js'
import { type ServerFlags, serverCommand } from './options.js'
import { lanAddress } from './origins.js'
import { type RunningServer, startServer } from './server.js'
import { ServerProblem, type ServerProblemName } from './server-problem.js'
import { readTurnSettings } from './turn-settings.js'

const USAGE = 2
const NO_PORT = 3

const exitCodes: Record<ServerProblemName, number> = {
  portInUse: NO_PORT,
  noPermission: NO_PORT,
  badHost: USAGE,
  badPort: USAGE,
  badPublicUrl: USAGE,
  badStateDir: USAGE,
  stateDirInUse: USAGE,
  badAccessFile: USAGE,
  privateWithoutState: USAGE,
  noStateDir: USAGE,
  memberExists: USAGE,
  noSuchMember: USAGE,
  badMembersCommand: USAGE,
  damagedState: USAGE,
  unusableState: USAGE,
  lockedState: USAGE,
  cannotListen: NO_PORT,
  stunPortInUse: NO_PORT,
  noMetricsPort: NO_PORT,
  badTurnUrl: USAGE,
  badTurnSecret: USAGE,
  turnWithoutSecret: USAGE,
  secretWithoutTurn: USAGE,
}

let run: Run = serve
const command = serverCommand(VERSION, chosen => {
  run = chosen
})

async function main(): Promise<void> {
  const flags = command.parse().opts<Partial<ServerFlags>>()
  await run(flags)
}

async function serve(flags: Partial<ServerFlags>): Promise<void> {
  let server: RunningServer | undefined
  let ending = false
  const end = (restarting: boolean) => {
    if (!server || ending) process.exit(0)
    ending = true
    void server.close({ restarting }).then(() => process.exit(0))
  }
  process.on('SIGTERM', () => end(true))
  process.on('SIGINT', () => end(false))
  process.on('SIGHUP', () => server?.reload())
  const turn = await readTurnSettings(flags.turn ?? [], flags.turnSecretFile)
  server = await startServer({
    port: flags.port ?? DEFAULT_PORT,
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.stunPort !== undefined && { stunPort: flags.stunPort === 'off' ? null : flags.stunPort }),
    ...(turn && { turn }),
    ...(flags.echo && { echo: true }),
    ...(flags.private && { private: true }),
    ...(flags.accessFile !== undefined && { accessFile: flags.accessFile }),
    publicUrls: flags.publicUrl ?? [],
    ...(flags.stateDir !== undefined && { stateDir: flags.stateDir }),
    allowedOrigins: flags.allowOrigin ?? [],
    limits: limitsOf(command),
    log: createLog(),
    ...(flags.logIds && { logIds: true }),
    metrics: openMetrics,
    ...(flags.metricsListen && { metricsListen: flags.metricsListen }),
  })
  banner(server, flags)
}

function banner({ port, urls }: RunningServer, flags: Partial<ServerFlags>): void {
  const lan = flags.host === undefined ? lanAddress() : undefined
  const best = flags.publicUrl?.length ? urls[0] : lan === undefined ? urls[0] : `ws://${lan}:${port}`
  console.error(`VoiceChat server ${VERSION} at ${best}`)
  console.error(`Peers join with: voicechat-peer --server ${best} --id ABC --to XYZ`)
  if (flags.stateDir === undefined)
    console.error('Whose id is whose will be forgotten when it ends: --state-dir DIR keeps it.')
}

main().catch((error: unknown) => {
  // Commander has said what is wrong already; help and version are no errors.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : USAGE)
  if (error instanceof ServerProblem) {
    console.error(`${error.message} ${error.hint}`)
    process.exit(exitCodes[error.name])
  }
  console.error(error)
  process.exit(1)
})
