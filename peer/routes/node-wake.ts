/** Wakes libdatachannel's DTLS, which may sleep on what came early. Node's alone. */
import { createSocket } from 'node:dgram'

const HERE = '127.0.0.1'
/** Neither STUN nor DTLS: the library throws it away. */
const NOTHING = Uint8Array.of(0)

/**
 * To be called when ICE is connected. The other side's first flight may come before that. The library (0.24.5) keeps it for DTLS, but in half
 * of the cases looks for it a moment before DTLS is ready, and not again until more comes: the other side's repetition, a second later (26
 * of 40 starts between two NATs). So something more comes at once, from this machine. The library reads only what comes from a candidate's
 * address: the socket is named as one, the least of all. Harmless where nothing sleeps.
 *
 * `ownSdp`: our description, with what addresses we have.
 */
export function wake(ownSdp: string, addCandidate: (text: string) => void): void {
  const [, port] = / (\d+) typ host/.exec(ownSdp) ?? []
  if (!port) return
  const socket = createSocket('udp4')
  // Without it a start is slower, no more.
  socket.once('error', () => socket.close())
  socket.bind(0, HERE, () => {
    addCandidate(`candidate:wake 1 udp 1 ${HERE} ${socket.address().port} typ host`)
    socket.send(NOTHING, Number(port), HERE, () => socket.close())
  })
}
