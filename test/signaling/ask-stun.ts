import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { attribute, bindingRequest } from './stun-samples.js'

/**
 * Asks a STUN server of this machine (on loopback unless `at` names another of its addresses), over real UDP, for this socket's
 * address. `waits` false: leaves before the answer, and `seen` is empty. Rejects when none comes within `patienceMs`.
 */
export async function askStun(
  port: number,
  { waits = true, at = '127.0.0.1', patienceMs = 5000 } = {},
): Promise<{ seen: string; own: number }> {
  const socket = createSocket('udp4').bind(0, at)
  await once(socket, 'listening')
  const own = socket.address().port
  const answered = waits ? once(socket, 'message', { signal: AbortSignal.timeout(patienceMs) }) : null
  await new Promise<void>(resolve => socket.send(bindingRequest(), port, at, () => resolve()))
  const [answer] = answered ? ((await answered.finally(() => socket.close())) as [Buffer]) : []
  if (!answered) socket.close()
  if (!answer) return { seen: '', own }
  const mapped = Buffer.from(attribute(new Uint8Array(answer), 0x0020)!)
  const address = mapped.subarray(8, 12).map((byte, i) => byte ^ [0x21, 0x12, 0xa4, 0x42][i]!)
  return { seen: `${address.join('.')}:${mapped.readUInt16BE(6) ^ 0x2112}`, own }
}
