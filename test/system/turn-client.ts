import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TurnCredentials } from '../../signaling/turn.js'
import { attribute } from '../signaling/stun-samples.js'

const ALLOCATE = 0x0003
const CREATE_PERMISSION = 0x0008
const SUCCESS = 0x0100
const COOKIE = 0x2112a442
const [USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, PEER_ADDRESS, REALM, NONCE, REQUESTED_TRANSPORT] = [
  6, 8, 9, 0x12, 0x14, 0x15, 0x19,
]
const UDP = encode(REQUESTED_TRANSPORT, Buffer.of(17, 0, 0, 0))

/**
 * Asks a TURN server on loopback for a relay over UDP with long-term credentials (RFC 8656, section 7.1; RFC 8489, section
 * 9.2): first without, to learn realm and nonce. Returns what the server says: `allocated`, or the number of its error.
 */
export async function allocate(port: number, credentials: TurnCredentials): Promise<'allocated' | number> {
  return (await allocated(port, credentials)) ?? 'allocated'
}

/** The same, and then asks for the way to an IPv4 address, as a call to there would (RFC 8656, section 9). */
export async function permit(port: number, credentials: TurnCredentials, peer: string): Promise<'permitted' | number> {
  const number = peer.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const address = Buffer.of(0, 1, 0x21, 0x12, 0, 0, 0, 0)
  address.writeUInt32BE((number ^ COOKIE) >>> 0, 4)
  return (await allocated(port, credentials, encode(PEER_ADDRESS, address))) ?? 'permitted'
}

/** Null, or the number of the first error. */
async function allocated(port: number, credentials: TurnCredentials, peer?: Buffer): Promise<number | null> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  try {
    const challenge = await ask(socket, message(ALLOCATE, UDP))
    const requests = [signed(ALLOCATE, challenge, credentials, UDP)]
    if (peer) requests.push(signed(CREATE_PERMISSION, challenge, credentials, peer))
    for (const request of requests) {
      const answer = await ask(socket, request)
      if (answer.readUInt16BE(0) !== (request.readUInt16BE(0) | SUCCESS)) return errorOf(answer)
    }
    return null
  } finally {
    socket.close()
  }
}

/** A request with what the refusal of the first one asks for. */
function signed(method: number, refusal: Buffer, { username, credential }: TurnCredentials, what: Buffer): Buffer {
  const realm = value(refusal, REALM)
  const nonce = value(refusal, NONCE)
  if (errorOf(refusal) !== 401 || !realm || !nonce) throw new Error(`no challenge: ${refusal.toString('hex')}`)
  const key = createHash('md5').update(`${username}:${realm}:${credential}`).digest()
  const names = [encode(USERNAME, Buffer.from(username)), encode(REALM, realm), encode(NONCE, nonce)]
  const request = message(method, what, ...names)
  // The integrity covers all in front of it, with a length that counts it (RFC 8489, section 14.5).
  request.writeUInt16BE(request.length - 20 + 24, 2)
  return Buffer.concat([request, encode(MESSAGE_INTEGRITY, createHmac('sha1', key).update(request).digest())])
}

function message(method: number, ...attributes: Buffer[]): Buffer {
  const body = Buffer.concat(attributes)
  const head = Buffer.alloc(8)
  head.writeUInt16BE(method, 0)
  head.writeUInt16BE(body.length, 2)
  head.writeUInt32BE(COOKIE, 4)
  return Buffer.concat([head, randomBytes(12), body])
}

function encode(type: number, bytes: Buffer): Buffer {
  const padding = Buffer.alloc(-bytes.length & 3)
  return Buffer.concat([Buffer.of(type >> 8, type & 255, bytes.length >> 8, bytes.length & 255), bytes, padding])
}

/** The value of an attribute without its padding. */
function value(answer: Buffer, type: number): Buffer | null {
  const found = attribute(answer, type)
  return found && Buffer.from(found).subarray(4, 4 + ((found[2]! << 8) | found[3]!))
}

function errorOf(answer: Buffer): number {
  const code = value(answer, ERROR_CODE)
  return code ? code[2]! * 100 + code[3]! : 0
}

/** Sends until the answer with the same transaction id comes, for 10 s: the server may be starting. */
async function ask(socket: Socket, request: Buffer): Promise<Buffer> {
  const again = setInterval(() => socket.send(request, () => {}), 200)
  const signal = AbortSignal.timeout(10_000)
  socket.on('error', () => {}) // nobody listens at that port yet
  try {
    socket.send(request, () => {})
    for (;;) {
      const answer = await nextMessage(socket, signal)
      if (answer.subarray(8, 20).equals(request.subarray(8, 20))) return answer
    }
  } finally {
    clearInterval(again)
  }
}

function nextMessage(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error('the TURN server does not answer'))
    signal.addEventListener('abort', late, { once: true })
    socket.once('message', answer => {
      signal.removeEventListener('abort', late)
      resolve(answer)
    })
  })
}
