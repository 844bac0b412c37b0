/** Where the server is, and how the other side would write it. */
import { connect } from 'node:net'
import type { DEFAULT_PORT as Port } from '../../protocol/signaling.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'

/** The same as the server's, and checked to be: its module brings all schemas along, and this one is loaded first of all. */
export const DEFAULT_PORT: typeof Port = 9001

/** A server on this machine answers or refuses within this time, ms. */
const PROBE_MS = 2_000

/** The port of this machine's own server: VOICECHAT_PORT, as for `voicechat-server`, or 9001. Throws a CommandProblem. */
export function localPort(env: NodeJS.ProcessEnv): number {
  const text = env.VOICECHAT_PORT || `${DEFAULT_PORT}`
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port
  throw new CommandProblem(
    'badPort',
    `VOICECHAT_PORT is "${text}", and that is not a port.`,
    'A port is a number from 1 to 65535; unset it for the usual one.',
    EXIT.usage,
  )
}

/** Takes `ws://`, `wss://`, `http(s)://`, `host` or `host:port`; gives a ws: or wss: URL. Throws a CommandProblem. */
export function serverUrl(text: string): string {
  const scheme = /^[a-z]+:\/\//i.test(text) ? text.replace(/^http/i, 'ws') : `ws://${withPort(text)}`
  try {
    const url = new URL(scheme)
    const isWebsocket = url.protocol === 'ws:' || url.protocol === 'wss:'
    if (isWebsocket && url.hostname !== '' && !url.hash && !url.username && !url.password) return url.href
  } catch {}
  throw new CommandProblem(
    'badServer',
    `"${text}" is not the address of a server.`,
    'It looks like ws://example.org:9001 or wss://example.org.',
    EXIT.usage,
  )
}

function withPort(text: string): string {
  const [host = '', ...path] = text.split('/')
  return [/:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORT}`, ...path].join('/')
}

/** How another machine dials the server that this one dials at `url`: not as localhost, if its LAN address works. */
export async function urlForOthers(url: string, lanAddress: string | undefined): Promise<string> {
  const { protocol, hostname, port } = new URL(url)
  if (!isLoopback(hostname) || lanAddress === undefined) return url
  const other = new URL(`${protocol}//${lanAddress}${port === '' ? '' : `:${port}`}`)
  return (await listens(other.href)) ? other.href : url
}

/** Whether anything listens there. */
export function listens(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise(resolve => {
    const socket = connect({
      host,
      port: Number(port) || (protocol === 'wss:' || protocol === 'https:' ? 443 : 80),
      timeout: PROBE_MS,
    })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}

/** Whether what listens on this machine's port is a VoiceChat server: it says so at /healthz. */
export async function isVoiceChat(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://localhost:${port}/healthz`, { signal: AbortSignal.timeout(PROBE_MS) })
    const health: unknown = await answer.json()
    return typeof health === 'object' && health !== null && 'status' in health && 'calls' in health
  } catch {
    return false
  }
}

/** Whether a URL's host name means this machine itself. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

/** As people see it. */
export function shownUrl(url: string): string {
  return url.replace(/\/$/, '')
}
