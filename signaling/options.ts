/** The command line of `voicechat-server`. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_PORT } from '../protocol/signaling.js'
import { addCommands, type Run } from './commands.js'
import { addLimitOptions } from './limit-options.js'
import { type MetricsAddress, parseMetricsAddress } from './metrics-address.js'

export interface ServerFlags {
  readonly port: number
  readonly host?: string
  readonly publicUrl: string[]
  readonly stateDir?: string
  readonly allowOrigin: string[]
  readonly stunPort: number | 'off'
  readonly turn: string[]
  readonly turnSecretFile?: string
  readonly echo?: boolean
  readonly private?: boolean
  readonly accessFile?: string
  readonly metricsListen?: MetricsAddress
  readonly logIds?: boolean
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

function toMetricsAddress(text: string): MetricsAddress {
  const parsed = parseMetricsAddress(text)
  if (parsed.ok) return parsed.value
  throw new InvalidArgumentError(parsed.error.message)
}

function collect(url: string, list: string[] | undefined): string[] {
  return [...(list ?? []), ...url.split(',').filter(part => part !== '')]
}

/** Does not exit by itself: throws commander's CommanderError. `choose` gets what was asked for instead of serving. */
export function serverCommand(version: string, choose: (run: Run) => void = () => {}): Command {
  const command = new Command('voicechat-server')
    .description('Introduces two people to each other and relays their encrypted voice when they have no direct way.')
    .version(version)
    .addOption(
      new Option('--port <port>', 'port to listen on').env('VOICECHAT_PORT').argParser(toPort).default(DEFAULT_PORT),
    )
    .addOption(new Option('--host <host>', 'address to listen at (all of this machine)').env('VOICECHAT_HOST'))
    .addOption(
      new Option('--public-url <url>', 'how peers dial this server, when not by an address of this machine; repeatable')
        .env('VOICECHAT_PUBLIC_URL')
        .argParser(collect),
    )
    .addOption(
      new Option('--state-dir <dir>', 'where to keep who holds which id, and who is a member').env(
        'VOICECHAT_STATE_DIR',
      ),
    )
    .option('--private', 'let in only who has an invitation or is in the access file')
    .addOption(
      new Option('--access-file <file>', 'keys that may log in, a line each, maybe with an id; makes it private').env(
        'VOICECHAT_ACCESS_FILE',
      ),
    )
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
    .addOption(
      new Option('--metrics-listen <address>', 'port, or address:port, to show /metrics at, in a private network')
        .env('VOICECHAT_METRICS_LISTEN')
        .argParser(toMetricsAddress),
    )
    .option('--log-ids', 'name ids in the log')
    .option('--echo', 'run an echo, which says back what it hears: for voicechat-peer --test-call')
    .addHelpText(
      'after',
      "\nExit codes: 0 asked to end, 1 crash, 2 usage, or a bad file or directory, 3 the port can't be had.",
    )
    .exitOverride()
  return addCommands(addLimitOptions(command), choose)
}
