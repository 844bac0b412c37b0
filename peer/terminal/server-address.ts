/** Where the server is, and how the other side would write it. */
import { connect } from 'node:net'
import { DEFAULT_PORT } from '../../protocol/signaling.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'

export const LOCAL_SERVER = `ws://localhost:${DEFAULT_PORT}`

/** Takes `ws://`, `wss://`, `http(s)://`, `host` or `host:port`; gives a ws: or wss: URL. Throws a CommandProblem. */
export function serverUrl(text: string): string {
  const scheme = /^[a-z]+:\/\//i.test(text)
    ? text.replace(/^http/i, 'ws')
    : `ws://${/:\d+$/.test(text) ? text : `${text}:${DEFAULT_PORT}`}`
  try {
    const url = new URL(scheme)
    if ((url.protocol === 'ws:' || url.protocol === 'wss:') && url.hostname !== '' && !url.hash && !url.username)
      return url.href
  } catch {}
  throw new CommandProblem(
    'badServer',
    `"${text}" is not the address of a server.`,
    'It looks like ws://example.org:9001 or wss://example.org.',
    EXIT.usage,
  )
}

/** Whether anything listens there. */
export function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 2_000 })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}
