/**
 * Whether to go where a server says. It is not trusted: it must not lead from TLS to none, nor make this program knock at doors inside the
 * network that it runs in, unless the server is in there itself.
 */
import { originOf } from '../../protocol/login.js'

/** Addresses and names of one's own machine and network: RFC 1918, RFC 6890, RFC 4193, RFC 6762. */
const INSIDE =
  /^(localhost|.*\.localhost|.*\.local|0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[(::1?|f[cd]|fe[89ab]|::ffff:))/

/**
 * Where a server says to go, as a URL, or null. `home`: the origin of the server that the person named; `here`: of the one that says so, to which
 * `said` may be relative.
 */
export function placeToGo(home: string, here: string, said: string): string | null {
  const url = URL.canParse(said, here) ? new URL(said, here).href : ''
  return mayGoTo(home, url) ? url : null
}

/** `url`: what it, or one that it named, says. */
function mayGoTo(home: string, url: string): boolean {
  if (originOf(url) === null) return false
  const { protocol, hostname, username, password } = new URL(url)
  const from = new URL(home)
  if (username !== '' || password !== '' || (from.protocol === 'wss:' && protocol !== 'wss:')) return false
  return INSIDE.test(from.hostname) || !INSIDE.test(hostname)
}
