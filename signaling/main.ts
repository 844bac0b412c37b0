#!/usr/bin/env node
/** The command `voicechat-server`. Exit codes: 2 usage, or a bad file or directory, 3 the port can't be had, 1 a crash. */
import { CommanderError } from 'commander'
import { VERSION } from '../protocol/node-package.js'
import { readClusterLogin } from './cluster/cluster-login.js'
import type { Run } from './commands.js'
import { loadConfig } from './load-config.js'
import { createLog } from './log.js'
import { serverCommand } from './options.js'
import { lanAddress } from './origins.js'
import { printedConfig } from './print-config.js'
import { type RunningServer, startServer } from './server.js'
import { ServerProblem, type ServerProblemName } from './server-problem.js'
import { type ServerSettings, serverSettings } from './settings.js'
import { readTurnSettings } from './turn-settings.js'

const USAGE = 2
const NO_PORT = 3

const exitCodes: Record<ServerProblemName, number> = {
  configFile: USAGE,
  badConfig: USAGE,
  portInUse: NO_PORT,
  noPermission: NO_PORT,
  badHost: USAGE,
  badPort: USAGE,
  badPublicUrl: USAGE,
  badTlsCertificate: USAGE,
  badTlsKey: USAGE,
  tlsKeyMismatch: USAGE,
  certificateWithoutKey: USAGE,
  keyWithoutCertificate: USAGE,
  badTrustedProxy: USAGE,
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
  clusterWithoutUrl: USAGE,
  privateCluster: USAGE,
  badClusterSecret: USAGE,
  notForWorkers: USAGE,
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
  const { found, path } = loadConfig(command.parse(), process.env)
  if (command.getOptionValue('printConfig')) {
    process.stdout.write(printedConfig(found, VERSION))
    return
  }
  // It may be one that nobody named.
  if (path !== null) console.error(`Settings of ${path} are in force; --print-config shows them.`)
  await run(serverSettings(found))
}

async function serve(settings: ServerSettings): Promise<void> {
  let server: RunningServer | undefined
  let ending = false
  const end = (restarting: boolean) => {
    if (!server || ending) process.exit(0)
    ending = true
    void server.close({ restarting }).then(() => process.exit(0))
  }
  let draining = false
  process.on('SIGTERM', () => {
    // Said twice it is not to wait.
    if (!server || draining) end(true)
    draining = true
    void server?.drain().then(() => {
      if (!ending) end(true)
    })
  })
  process.on('SIGINT', () => end(false))
  process.on('SIGHUP', () => server?.reload())
  // Not before it serves: help has to be quick.
  const { metricsTogether, openMetrics } = await import('./metrics.js')
  const {
    publicUrl,
    allowOrigin,
    trustedProxy,
    stunPort,
    turn: urls,
    turnSecretFile,
    clusterSecretFile,
    workers,
    ...others
  } = settings
  const turn = await readTurnSettings(urls, turnSecretFile)
  const clusterLogin = await readClusterLogin(clusterSecretFile)
  const options = {
    ...others,
    ...(stunPort !== undefined && { stunPort: stunPort === 'off' ? null : stunPort }),
    ...(turn && { turn }),
    ...(clusterLogin && { clusterLogin }),
    publicUrls: publicUrl,
    allowedOrigins: allowOrigin,
    trustedProxies: trustedProxy,
    log: createLog(),
  }
  if (workers === 1) server = await startServer({ ...options, metrics: openMetrics })
  else {
    const { startPool } = await import('./workers/pool.js')
    server = await startPool({ ...options, workers, together: metricsTogether })
  }
  banner(server, settings)
}

function banner({ port, urls }: RunningServer, settings: ServerSettings): void {
  const { host, publicUrl, cluster, clusterUrl, tlsCert, stateDir } = settings
  const lan = host === undefined ? lanAddress() : undefined
  // By its certificate's name, or by whatever is known of it: an address is what peers would refuse.
  const named = publicUrl.length > 0 || clusterUrl !== undefined || tlsCert !== undefined
  const best = named || lan === undefined ? urls[0] : `ws://${lan}:${port}`
  console.error(`VoiceChat server ${VERSION} at ${best}`)
  console.error(`Peers join with: voicechat-peer --server ${best} --id ABC --to XYZ`)
  if (stateDir === undefined && cluster.length === 0)
    console.error('Whose id is whose will be forgotten when it ends: --state-dir DIR keeps it.')
}

main().catch((error: unknown) => {
  // Commander has said what is wrong already; help and version are no errors.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : USAGE)
  if (error instanceof ServerProblem) {
    console.error([error.message, error.hint].join(error.message.includes('\n') ? '\n' : ' '))
    process.exit(exitCodes[error.name])
  }
  console.error(error)
  process.exit(1)
})
