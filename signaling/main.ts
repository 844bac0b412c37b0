#!/usr/bin/env node
/** The command `voicechat-server`. Exit codes: 2 usage or bad directory, 3 the port can't be had, 1 a crash. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_PORT } from '../protocol/signaling.js'
import { createLog } from './log.js'
import { lanAddress } from './origins.js'
import { type RunningServer, startServer } from './server.js'
import { ServerProblem, type ServerProblemName } from './server-problem.js'
import { readTurnSettings } from './turn-settings.js'
import { VERSION } from './version.js'

interface Flags {
  readonly port: number
  readonly host?: string
  readonly publicUrl: string[]
  readonly stateDir?: string
  readonly allowOrigin: string[]
  readonly stunPort: number | 'off'
  readonly turn: string[]
  readonly turnSecretFile?: string
  readonly echo?: boolean
}

const USAGE = 2
const NO_PORT = 3

const exitCodes: Record<ServerProblemName, number> = {
  portInUse: NO_PORT,
  noPermission: NO_PORT,
  badHost: USAGE,
  badPort: USAGE,
  badPublicUrl: USAGE,
  badStateDir: USAGE,
  cannotListen: NO_PORT,
  stunPortInUse: NO_PORT,
  badTurnUrl: USAGE,
  badTurnSecret: USAGE,
  turnWithoutSecret: USAGE,
  secretWithoutTurn: USAGE,
}

function toPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535; 0 takes a free one.')
}

function toStunPort(text: string): number | 'off' {
  if (text === 'off') return text
  if (/^\d+$/.test(text) && Number(text) <= 65535) return Number(text)
  throw new InvalidArgumentError('The STUN port is a number from 0 to 65535 (0 takes a free one), or off.')
}

function collect(url: string, list: string[] | undefined): string[] {
  return [...(list ?? []), ...url.split(',').filter(part => part !== '')]
}

const command = new Command('voicechat-server')
  .description('Introduces two people to each other and relays their encrypted voice when they have no direct way.')
  .version(VERSION)
  .addOption(
    new Option('--port <port>', 'port to listen on').env('VOICECHAT_PORT').argParser(toPort).default(DEFAULT_PORT),
  )
  .addOption(new Option('--host <host>', 'address to listen at (all of this machine)').env('VOICECHAT_HOST'))
  .addOption(
    new Option('--public-url <url>', 'how peers dial this server, when not by an address of this machine; repeatable')
      .env('VOICECHAT_PUBLIC_URL')
      .argParser(collect),
  )
  .addOption(new Option('--state-dir <dir>', 'where to keep who holds which id').env('VOICECHAT_STATE_DIR'))
  .option('--allow-origin <origin>', 'web origin whose pages may connect; repeatable', collect)
  .addOption(
    new Option('--stun-port <port|off>', 'UDP port that tells peers their address (the same number as --port)')
      .env('VOICECHAT_STUN_PORT')
      .argParser(toStunPort),
  )
  .addOption(
    new Option('--turn <url>', 'TURN server for peers, as turn:host:port or turns:host:port; repeatable')
      .env('VOICECHAT_TURN')
      .argParser(collect),
  )
  .addOption(
    new Option('--turn-secret-file <file>', 'file with the secret shared with the TURN servers').env(
      'VOICECHAT_TURN_SECRET_FILE',
    ),
  )
  .option('--echo', 'run an echo, which says back what it hears: for voicechat-peer --test-call')
  .allowExcessArguments(false)
  .exitOverride()

async function main(): Promise<void> {
  const flags = command.parse().opts<Partial<Flags>>()
  let server: RunningServer | undefined
  let ending = false
  const end = (restarting: boolean) => {
    if (!server || ending) process.exit(0)
    ending = true
    void server.close({ restarting }).then(() => process.exit(0))
  }
  process.on('SIGTERM', () => end(true))
  process.on('SIGINT', () => end(false))
  const turn = await readTurnSettings(flags.turn ?? [], flags.turnSecretFile)
  server = await startServer({
    port: flags.port ?? DEFAULT_PORT,
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.stunPort !== undefined && { stunPort: flags.stunPort === 'off' ? null : flags.stunPort }),
    ...(turn && { turn }),
    ...(flags.echo && { echo: true }),
    publicUrls: flags.publicUrl ?? [],
    ...(flags.stateDir !== undefined && { stateDir: flags.stateDir }),
    allowedOrigins: flags.allowOrigin ?? [],
    log: createLog(),
  })
  banner(server, flags)
}

function banner({ port, urls }: RunningServer, flags: Partial<Flags>): void {
  const lan = flags.host === undefined ? lanAddress() : undefined
  const best = flags.publicUrl?.length ? urls[0] : lan === undefined ? urls[0] : `ws://${lan}:${port}`
  console.error(`VoiceChat server ${VERSION} at ${best}`)
  console.error(`Peers join with: voicechat-peer --server ${best} --id ABC --to XYZ`)
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
