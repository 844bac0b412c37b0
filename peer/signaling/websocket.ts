/** Dials the server from Node: `ws`, through the proxy that the environment names. */
import type { ClientRequestArgs } from 'node:http'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect as startTls } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import WebSocket from 'ws'
import { MAX_MESSAGE_BYTES } from '../../protocol/signaling.js'
import type { Socket } from '../../protocol/socket.js'
import { raceTcp } from './tcp-race.js'

/** The statechart gives up earlier; this only keeps a dead attempt from staying around. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** What follows a message that someone waits for, and its answer: websocket pings so long after it, ms. */
const CHASERS_MS = [25, 50, 100, 150]

/** Of an HTTP answer; names in lower case. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Opens a websocket to `url` (ws: or wss:). Whatever fails is told by `onClose`; `onProblem` gets it too, as the end of
 * a sentence for people; `onUpgrade` the header fields of the server's answer.
 */
export function dialWebSocket(
  url: string,
  onProblem: (why: string) => void = () => {},
  onUpgrade: (headers: HeaderFields) => void = () => {},
): Socket {
  const proxy = proxyFor(url)
  if (proxy && !URL.canParse(proxy)) return broken('the proxy that HTTPS_PROXY names is not a URL', onProblem)
  const isSecure = url.startsWith('wss:')
  let giveUp = () => {}
  const createConnection: ClientRequestArgs['createConnection'] = (options, done) => {
    const { host, port } = options as { host: string; port: number }
    giveUp = raceTcp(
      { host, port: Number(port) },
      {
        connected: socket =>
          done(
            null,
            isSecure
              ? startTls({
                  ...(options as ConnectionOptions),
                  socket,
                  path: undefined,
                  servername: isIP(host) ? '' : host,
                })
              : socket,
          ),
        failed: error => done(error, null as never),
      },
    )
    return undefined
  }
  const websocket = new WebSocket(url, {
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    ...(proxy ? { agent: new HttpsProxyAgent(proxy) } : { createConnection }),
  })
  websocket.binaryType = 'nodebuffer'
  let chasers: NodeJS.Timeout[] = []
  let problem = ''
  let dropped = false
  const socket: Socket = {
    onMessage: () => {},
    onClose: () => {},
    send(data) {
      if (websocket.readyState === WebSocket.OPEN) websocket.send(data)
    },
    close(code, reason) {
      dropped = true
      giveUp()
      websocket.close(code, reason)
    },
    terminate() {
      dropped = true
      giveUp()
      websocket.terminate()
    },
    chase() {
      for (const chaser of chasers) clearTimeout(chaser)
      const ping = () => websocket.readyState === WebSocket.OPEN && websocket.ping()
      chasers = CHASERS_MS.map(ms => setTimeout(ping, ms).unref())
    },
  }
  websocket.on('upgrade', ({ headers }) => onUpgrade(headers))
  websocket.on('message', (data: Buffer, isBinary) => socket.onMessage(isBinary ? data : data.toString('utf8')))
  websocket.on('error', error => {
    // Which of the two refused can't be told; who looks for the mistake should know of both.
    problem ||= proxy ? `${explain(error)} (over the proxy ${new URL(proxy).host})` : explain(error)
    // That we gave up ourselves explains nothing.
    if (!dropped) onProblem(problem)
  })
  websocket.on('close', (code, reason) => socket.onClose(code, problem || reason.toString()))
  return socket
}

/** A socket that never opens. */
function broken(why: string, onProblem: (why: string) => void): Socket {
  const socket: Socket = { onMessage() {}, onClose() {}, send() {}, close() {}, terminate() {} }
  setImmediate(() => {
    onProblem(why)
    socket.onClose(1006, why)
  })
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
      return 'the host cannot be reached'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'whatever answers there hangs up at once'
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it does not speak TLS (wss:); perhaps ws: is right'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'its certificate is self-signed, so anybody could have made it; if it is right, have NODE_EXTRA_CA_CERTS name its file'
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate is from an authority that is not known here (NODE_EXTRA_CA_CERTS can name its file), or the server sends it without its chain'
    case 'CERT_HAS_EXPIRED':
      return "its certificate has ended: whoever runs the server has to renew it, unless this machine's clock is wrong"
    case 'CERT_NOT_YET_VALID':
      return "its certificate is not good yet: is this machine's clock right?"
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another name${namesIn(error)}`
    default:
      // What `ws` and Node's HTTP parser say when the other end is no websocket server.
      if (/^Unexpected server response: 426/.test(error.message))
        return 'it speaks TLS alone: write wss: in place of ws:'
      if (/^(Unexpected server response|Invalid |Parse Error)/.test(error.message) || error.code?.startsWith('HPE_'))
        return 'what answers there is no VoiceChat server'
      return /handshake has timed out/.test(error.message) ? 'it does not answer' : error.message
  }
}

/** ` (voice.example.org, ...)`, of Node's error about a certificate that is for other hosts. */
function namesIn(error: Error & { readonly cert?: { readonly subjectaltname?: unknown } }): string {
  const names = error.cert?.subjectaltname
  if (typeof names !== 'string' || names === '') return ''
  return ` (${names.replace(/(DNS|IP Address):|[^\w.:*, -]/g, '').slice(0, 200)})`
}
