/** A websocket of an attacker: from an address of choice, with a signature that costs it little. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type ClientOptions, WebSocket } from 'ws'
import { lv } from '../../../protocol/length-value.js'
import type { Target } from './attack.js'

interface Key {
  readonly secret: KeyObject
  readonly text: string
}

/** Opens one; `ended` is told once why it closed: the server's reason, or a code, or what went wrong before. */
export function dial(
  target: Target,
  from: string,
  ended: (why: string) => void,
  options: ClientOptions = {},
): WebSocket {
  const socket = new WebSocket(target.url, { perMessageDeflate: false, localAddress: from, ...options })
  let error = ''
  socket.on('error', ({ message, ...rest }) => {
    error = 'code' in rest ? String(rest.code) : message
  })
  socket.on('close', (code, reason) => ended(`${reason}` || (code === 1006 && error !== '' ? error : `${code}`)))
  return socket
}

/** A fresh key. */
export function newKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { secret: privateKey, text: publicKey.export({ format: 'jwk' }).x! }
}

/** Answers the challenge, as `id`; with `proved` false by a signature that does not fit. */
export function login(target: Target, challenge: string, id: string, key = newKey(), proved = true): string {
  const session = randomBytes(16)
  const claim = lv('evc/1 login', target.url, id.toLowerCase(), Buffer.from(challenge, 'base64url'), session)
  const signature = sign(null, claim, key.secret)
  if (!proved) signature[0]! ^= 1
  const fields = { key: key.text, session: session.toString('base64url'), signature: signature.toString('base64url') }
  return JSON.stringify({ type: 'login', v: 1, id, origin: target.url, ...fields })
}

/** Dials and logs in; `online` is called when the server says so. */
export function enter(
  target: Target,
  from: string,
  id: string,
  { online, ended }: { online: (socket: WebSocket) => void; ended: (why: string) => void },
): WebSocket {
  const socket = dial(target, from, ended)
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) return
    const message = JSON.parse(`${data}`) as { type: string; challenge: string }
    if (message.type === 'challenge') socket.send(login(target, message.challenge, id))
    else if (message.type === 'online') online(socket)
  })
  return socket
}

/** Two of the attacker's own in a call, `a` and `b`; `end` closes what is left. Called back when both are matched. */
export function enterCall(
  target: Target,
  from: string,
  name: string,
  { matched, ended }: { matched: (a: WebSocket, b: WebSocket) => void; ended: (why: string) => void },
): { destroy(): void } {
  const ids = [`${name}-a`, `${name}-b`] as const
  let there = 0
  let over = false
  const finish = (why: string) => {
    if (over) return
    over = true
    for (const socket of sockets) socket.terminate()
    ended(why)
  }
  const sockets: WebSocket[] = ids.map((id, n) => {
    const socket = enter(target, from, id, {
      online: socket => socket.send(JSON.stringify({ type: 'call', to: ids[1 - n] })),
      ended: finish,
    })
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary || !`${data}`.includes('"matched"')) return
      if (++there === 2) matched(sockets[0]!, sockets[1]!)
    })
    return socket
  })
  return { destroy: () => finish('stopped') }
}
