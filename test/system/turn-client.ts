import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TurnCredentials } from '../../signaling/turn.js'
import { attribute } from '../signaling/stun-samples.js'

const ALLOCATE = 0x0003
const ALLOCATED = 0x0103
const [USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, REALM, NONCE, REQUESTED_TRANSPORT] = [6, 8, 9, 0x14, 0x15, 0x19]
const UDP = encode(REQUESTED_TRANSPORT, Buffer.of(17, 0, 0, 0))

/**
 * Asks a TURN server on loopback for a relay over UDP with long-term credentials (RFC 8656, section 7.1; RFC 8489, section
 * 9.2): first without, to learn realm and nonce. Returns what the server says: `allocated`, or the number of its error.
 */
export async function allocate(port: number, credentials: TurnCredentials): Promise<'allocated' | number> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  try {
    const answer = await ask(socket, signed(await ask(socket, message(UDP)), credentials))
    return answer.readUInt16BE(0) === ALLOCATED ? 'allocated' : errorOf(answer)
  } finally {
    socket.close()
  }
}

/** The request again, with what the refusal asks for. */
function signed(refusal: Buffer, { username, credential }: TurnCredentials): Buffer {
  const realm = value(refusal, REALM)
  const nonce = value(refusal, NONCE)
  if (errorOf(refusal) !== 401 || !realm || !nonce) throw new Error(`no challenge: ${refusal.toString('hex')}`)
  const key = createHash('md5').update(`${username}:${realm}:${credential}`).digest()
  const request = message(UDP, encode(USERNAME, Buffer.from(username)), encode(REALM, realm), encode(NONCE, nonce))
  // The integrity covers all in front of it, with a length that counts it (RFC 8489, section 14.5).
  request.writeUInt16BE(request.length - 20 + 24, 2)
  return Buffer.concat([request, encode(MESSAGE_INTEGRITY, createHmac('sha1', key).update(request).digest())])
}

function message(...attributes: Buffer[]): Buffer {
  const body = Buffer.concat(attributes)
  const head = Buffer.from('000000002112a442', 'hex')
  head.writeUInt16BE(ALLOCATE, 0)
  head.writeUInt16BE(body.length, 2)
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
