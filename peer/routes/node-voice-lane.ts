/**
 * Sealed frames beside the data channel, as RTP packets on an audio track of the same native connection (SRTP, with keys of the same DTLS
 * handshake): a frame is lost or comes at once, and nobody acknowledges it. On the channel SCTP acknowledges each, which is a packet more,
 * and holds all back after a burst of loss. Node's alone.
 */
import type { PeerConnection } from 'node-datachannel'
import { MAX_PAYLOAD_BYTES, PAYLOAD_TYPE, RtpStream, rtpPayload } from './rtp.js'
import { LANE_CODEC, LANE_MID } from './sdp-lane.js'

type Library = typeof import('node-datachannel')

export class VoiceLane {
  readonly #track: ReturnType<PeerConnection['addTrack']>
  readonly #stream = new RtpStream()

  /** Before the description that it is to be part of. `received` is called in the library's callback. */
  constructor({ Audio }: Library, pc: PeerConnection, received: (frame: Uint8Array) => void) {
    const audio = new Audio(LANE_MID, 'SendRecv')
    audio.addAudioCodec(PAYLOAD_TYPE, LANE_CODEC)
    const track = pc.addTrack(audio)
    this.#track = track
    track.onMessage(packet => {
      const frame = rtpPayload(packet)
      if (frame) received(frame)
    })
    // It goes with its connection. Closed by ourselves before that is told, it might never be told; not closed, its callbacks keep the process.
    track.onClosed(() => setImmediate(() => track.close()))
  }

  /** Both sides have it, the keys are agreed, and it is not too long for a packet. */
  takes({ length }: Uint8Array): boolean {
    return length <= MAX_PAYLOAD_BYTES && this.#track.isOpen()
  }

  /** Throws where it has just closed. */
  send(frame: Uint8Array): void {
    this.#track.sendMessageBinary(Buffer.from(this.#stream.pack(frame).buffer))
  }
}
