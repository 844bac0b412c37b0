/**
 * The origins that this server answers to. A login is signed for the origin that the client dialled; a server that took
 * any (or trusted the Host header) would let a hostile server pass logins on to it.
 */
import { hostname, networkInterfaces } from 'node:os'
import { originOf } from '../protocol/login.js'
import { ServerProblem } from './server-problem.js'

/** Checks `--public-url`s; returns their origins. Throws a ServerProblem `badPublicUrl`. */
export function publicOrigins(urls: readonly string[]): string[] {
  return urls.map(url => {
    const origin = originOf(url)
    if (origin) return origin
    throw new ServerProblem(
      'badPublicUrl',
      `The public URL "${url}" is not a websocket address.`,
      'Write it as the peers dial it, for example wss://voice.example.org or ws://203.0.113.7:9001.',
    )
  })
}

/** The addresses of this machine at which a server that listens on `host` (undefined: everywhere) can be dialled. */
export function ownHosts(host?: string): string[] {
  if (host !== undefined && !EVERYWHERE.has(host)) return isLocal(host) ? [host, ...LOOPBACK] : [host]
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return [...LOOPBACK, ...addresses.map(({ address }) => address), hostname(), `${hostname()}.local`]
}

/** The origin of a websocket server at one of this machine's addresses; null for addresses that no URL can hold. */
export function originAt(host: string, port: number, scheme: 'ws' | 'wss' = 'ws'): string | null {
  if (host.includes('%')) return null // a link-local address with its zone
  return originOf(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
}

/** This machine's address for people on the same network: the first IPv4 address that is not internal. */
export function lanAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']
const EVERYWHERE = new Set(['', '::', '0.0.0.0'])

function isLocal(host: string): boolean {
  return LOOPBACK.includes(host)
}
