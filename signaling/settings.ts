/**
 * All that an operator may set, each thing once: flags, environment variables, keys of the configuration file, --help, the manual, completion
 * and --print-config are made from this table. To add a setting, add an entry.
 */
import { isTurnUrl } from '../protocol/ice.js'
import { originOf } from '../protocol/login.js'
import { variableOf } from '../protocol/node-setting-lines.js'
import { fail, ok, type Result } from '../protocol/result.js'
import { DEFAULT_PORT, MAX_URL_LENGTH } from '../protocol/signaling.js'
import { type Limits, limitFlags, parseLimit } from './limits.js'
import { type MetricsAddress, parseMetricsAddress } from './metrics-address.js'
import { isNetwork } from './proxies.js'
import { path, type Setting, toggle } from './setting.js'

/** By the name of the value in a program: `publicUrl` is --public-url, VOICECHAT_PUBLIC_URL, and `public-url = ...`. */
const table = {
  port: { what: 'port to listen on', operand: '<port>', parse: port, default: DEFAULT_PORT },
  host: { what: 'address to listen at (all of this machine)', operand: '<host>', parse: host },
  publicUrl: {
    what: 'how peers dial this server, when not by an address of this machine; repeatable',
    operand: '<url>',
    parse: publicUrl,
    repeatable: true,
  },
  trustedProxy: {
    what: 'proxy on another machine, as 10.0.0.5 or 10.0.0.0/24; repeatable',
    operand: '<network>',
    parse: network,
    repeatable: true,
  },
  tlsCert: path('<file>', 'certificate, with its chain, as PEM: then it speaks TLS itself (wss:); needs --tls-key'),
  tlsKey: path('<file>', 'private key of the certificate, as PEM; both are read again when they change'),
  stateDir: path('<dir>', 'where to keep who holds which id, and who is a member'),
  private: toggle('let in only who has an invitation or is in the access file'),
  accessFile: path('<file>', 'keys that may log in, a line each, maybe with an id; makes it private'),
  allowOrigin: {
    what: 'web origin whose pages may connect; repeatable',
    operand: '<origin>',
    parse: webOrigin,
    repeatable: true,
  },
  stunPort: {
    what: 'UDP port that tells peers their address (the same number as --port)',
    operand: '<port|off>',
    parse: stunPort,
  },
  turn: {
    what: 'TURN server for peers, as turn:host:port or turns:host:port; repeatable',
    operand: '<url>',
    parse: turnUrl,
    repeatable: true,
  },
  turnSecretFile: path('<file>', 'file with the secret shared with the TURN servers'),
  cluster: {
    what: 'NATS server over which this one joins others, as nats://host:4222 or tls://host; repeatable',
    operand: '<url>',
    parse: natsUrl,
    repeatable: true,
  },
  clusterSecretFile: path('<file>', 'file with user:password, or a token, for NATS'),
  clusterUrl: {
    what: 'how peers dial this very server of the cluster (its first public URL)',
    operand: '<url>',
    parse: ownUrl,
  },
  workers: {
    what: 'processes that share the port, so that a server uses more than one core',
    operand: '<n>',
    parse: workers,
    default: 1,
  },
  metricsListen: {
    what: 'port, or address:port, to show /metrics at, in a private network',
    operand: '<address>',
    parse: parseMetricsAddress,
    write: metricsAddress,
  },
  logIds: toggle('name ids in the log'),
  echo: toggle('run an echo, which says back what it hears: for voicechat-peer --test-call'),
} satisfies Record<string, Setting>

type Table = typeof table
type Value<S extends { parse: (...args: never[]) => Result<unknown> }> = Extract<
  ReturnType<S['parse']>,
  { ok: true }
>['value']

/** What is set, from wherever it comes. Undefined: nowhere, and there is no default. */
export type ServerSettings = {
  readonly [K in keyof Table]: Table[K] extends { repeatable: true }
    ? readonly Value<Table[K]>[]
    : Table[K] extends { default: unknown }
      ? Value<Table[K]>
      : Value<Table[K]> | undefined
} & { readonly limits: Partial<Limits> }

export interface NamedSetting extends Setting {
  /** As a flag without dashes and as a key of the file: `public-url`. */
  readonly name: string
  /** Of the environment: `VOICECHAT_PUBLIC_URL`. */
  readonly variable: string
}

const limits = limitFlags.map(flag => ({
  name: flag.name,
  what: flag.what,
  operand: '<n>',
  parse: (text: string) => parseLimit(flag, text),
  write: (value: number) => String(value / (flag.unit ?? 1)),
  default: flag.default * (flag.unit ?? 1),
  group: 'Limits:',
}))

/** All settings, in the order in which people see them. */
export const settings: readonly NamedSetting[] = [
  ...Object.entries(table).map(([key, setting]) => ({ ...setting, name: nameOf(key) })),
  ...limits,
].map(setting => ({ ...setting, variable: variableOf(setting.name) }) as NamedSetting)

/** The values that the program works with. */
export function serverSettings(
  found: readonly { readonly setting: NamedSetting; readonly value: unknown }[],
): ServerSettings {
  const values = new Map(found.map(({ setting, value }) => [setting.name, value]))
  const own = Object.keys(table).map(key => [key, values.get(nameOf(key))])
  const limited = limitFlags.map(({ limit, name }) => [limit, values.get(name)])
  return { ...Object.fromEntries(own), limits: Object.fromEntries(limited) } as ServerSettings
}

function nameOf(key: string): string {
  return key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535
}

function port(text: string): Result<number> {
  return isPort(text) ? ok(Number(text)) : fail('badPort', 'A port is a number from 0 to 65535 (0 takes a free one).')
}

function stunPort(text: string): Result<number | 'off'> {
  if (text === 'off') return ok(text)
  if (isPort(text)) return ok(Number(text))
  return fail('badPort', 'The STUN port is a number from 0 to 65535 (0 takes a free one), or off.')
}

function metricsAddress({ host, port }: MetricsAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function host(text: string): Result<string> {
  return /^[\w.:%-]+$/.test(text) ? ok(text) : fail('badHost', 'It is an address of this machine, without brackets.')
}

function publicUrl(text: string): Result<string> {
  const origin = originOf(text)
  if (origin !== null) return ok(origin)
  return fail('badPublicUrl', 'It is a websocket address, such as wss://voice.example.org or ws://203.0.113.7:9001.')
}

function workers(text: string): Result<number> {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 256) return ok(Number(text))
  return fail('badWorkers', 'It is a whole number from 1 to 256.')
}

function network(text: string): Result<string> {
  if (isNetwork(text)) return ok(text)
  return fail(
    'badTrustedProxy',
    'It is an address, such as 10.0.0.5 or fd00::5, or a network, such as 10.0.0.0/24 or fd00::/64.',
  )
}

function natsUrl(text: string): Result<string> {
  if (/^(nats|tls):\/\/[^\s/?#]+$/.test(text) && URL.canParse(text)) return ok(text)
  return fail(
    'badNatsUrl',
    'It is the address of a NATS server, such as nats://10.0.0.5:4222 or tls://nats.example.org (a password: --cluster-secret-file).',
  )
}

function ownUrl(text: string): Result<string> {
  if (originOf(text) !== null && text.length <= MAX_URL_LENGTH) return ok(text)
  return fail(
    'badClusterUrl',
    'It is a websocket address, such as wss://two.voice.example.org or wss://voice.example.org/?server=2.',
  )
}

function webOrigin(text: string): Result<string> {
  if (/^[a-z][a-z\d+.-]*:\/\/[^\s/?#@]+$/i.test(text)) return ok(text)
  return fail('badOrigin', 'It is a web origin, such as https://voice.example.org, without a path.')
}

function turnUrl(text: string): Result<string> {
  if (isTurnUrl(text)) return ok(text)
  return fail(
    'badTurnUrl',
    'It is turn:host:port or turns:host:port, with ?transport=udp or ?transport=tcp behind it if need be.',
  )
}
