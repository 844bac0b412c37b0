/**
 * Sealed frames beside the data channel, as RTP packets on an audio track of the same native connection (SRTP, with keys of the same DTLS
 * handshake): a frame is lost or comes at once, and nobody acknowledges it. On the channel SCTP acknowledges each, which is a packet more,
 * and holds all back after a burst of loss. Node's alone.
 */
import type { PeerConnection } from 'node-datachannel'
import { MAX_PAYLOAD_BYTES, PAYLOAD_TYPE, RtpStream, rtpPayload } from './rtp.js'
import { LANE_CODEC, LANE_MID } from './sdp-lane.js'

type Library = typeof import('node-datachannel')

const NOTHING = new Uint8Array(0)
/** A second of frames. Of so many one arrives, or none ever will. */
const MAX_CALLS = 50

export class VoiceLane {
  readonly #track: ReturnType<PeerConnection['addTrack']>
  readonly #stream = new RtpStream()
  #heard = false
  #calls = 0

  /** Before the description that it is to be part of. `received` is called in the library's callback. */
  constructor({ Audio }: Library, pc: PeerConnection, received: (frame: Uint8Array) => void) {
    const audio = new Audio(LANE_MID, 'SendRecv')
    audio.addAudioCodec(PAYLOAD_TYPE, LANE_CODEC)
    const track = pc.addTrack(audio)
    this.#track = track
    track.onMessage(packet => {
      const frame = rtpPayload(packet)
      this.#heard ||= frame !== null
      if (frame?.length) received(frame)
    })
    // It goes with its connection. Closed before we are told, that might never be told; not closed at all, its callbacks keep the process.
    track.onClosed(() => setImmediate(() => track.close()))
  }

  /**
   * Sends it, or says false: it belongs on the channel. So do all frames until the other side was heard here, which is called meanwhile, with
   * packets that hold nothing. Whatever became of the descriptions on their way, no frame is sent to where nobody listens. Throws where the
   * connection has just closed.
   */
  send(frame: Uint8Array): boolean {
    if (!this.#track.isOpen()) return false
    if (!this.#heard) {
      if (this.#calls++ < MAX_CALLS) this.#pack(NOTHING)
      return false
    }
    if (frame.length === 0 || frame.length > MAX_PAYLOAD_BYTES) return false
    this.#pack(frame)
    return true
  }

  #pack(payload: Uint8Array): void {
    this.#track.sendMessageBinary(Buffer.from(this.#stream.pack(payload).buffer))
  }
}
