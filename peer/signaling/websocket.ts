/** Dials the server from Node: `ws`, through the proxy that the environment names. */
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import WebSocket from 'ws'
import { MAX_MESSAGE_BYTES } from '../../protocol/signaling.js'
import type { Socket } from '../../protocol/socket.js'

/** The statechart gives up earlier; this only keeps a dead attempt from staying around. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** Opens a websocket to `url` (ws: or wss:). Whatever fails is told by `onClose`. */
export function dialWebSocket(url: string): Socket {
  const proxy = proxyFor(url)
  const websocket = new WebSocket(url, {
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    ...(proxy ? { agent: new HttpsProxyAgent(proxy) } : {}),
  })
  websocket.binaryType = 'nodebuffer'
  let problem = ''
  const socket: Socket = {
    onMessage: () => {},
    onClose: () => {},
    send(data) {
      if (websocket.readyState === WebSocket.OPEN) websocket.send(data)
    },
    close(code, reason) {
      websocket.close(code, reason)
    },
    terminate() {
      websocket.terminate()
    },
  }
  websocket.on('message', (data: Buffer, isBinary) => socket.onMessage(isBinary ? data : data.toString('utf8')))
  websocket.on('error', error => {
    problem ||= explain(error)
  })
  websocket.on('close', (code, reason) => socket.onClose(code, problem || reason.toString()))
  return socket
}

/** A websocket through a proxy is a tunnel (CONNECT), so HTTPS_PROXY is the one that counts; never for this machine itself. */
export function proxyFor(url: string): string {
  const { hostname, host } = new URL(url)
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return ''
  return getProxyForUrl(`https://${host}/`)
}

function explain(error: Error & { code?: string }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing answers at that address and port'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host'
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'the host can not be reached'
    default:
      return error.message
  }
}
