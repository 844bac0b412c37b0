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
/** The other side is called so often, ms, and so many times: one of them arrives, or none ever will. */
const CALL_MS = 40
const MAX_CALLS = 50

export class VoiceLane {
  readonly #track: ReturnType<PeerConnection['addTrack']>
  readonly #stream = new RtpStream()
  #heard = false
  #calls = 0
  #timer: NodeJS.Timeout | undefined

  /**
   * Before the description that it is to be part of. `opened`: the other side was heard, so it can be sent to. That may be seconds before
   * the channel opens, where packets are lost. Both are called in the library's callbacks.
   */
  constructor({ Audio }: Library, pc: PeerConnection, opened: () => void, received: (frame: Uint8Array) => void) {
    const audio = new Audio(LANE_MID, 'SendRecv')
    audio.addAudioCodec(PAYLOAD_TYPE, LANE_CODEC)
    const track = pc.addTrack(audio)
    this.#track = track
    track.onMessage(packet => {
      const frame = rtpPayload(packet)
      if (frame && !this.#heard) {
        this.#heard = true
        opened()
      }
      if (frame?.length) received(frame)
    })
    track.onOpen(() => {
      this.#timer = setInterval(() => this.#call(), CALL_MS).unref()
    })
    // It goes with its connection. Closed before we are told, that might never be told; not closed at all, its callbacks keep the process.
    track.onClosed(() => {
      clearInterval(this.#timer)
      setImmediate(() => track.close())
    })
  }

  /**
   * Sends it, or says false: it belongs on the channel. So do all frames until the other side was heard here. Whatever became of the
   * descriptions on their way, no frame is sent to where nobody listens. Throws where the connection has just closed.
   */
  send(frame: Uint8Array): boolean {
    if (!this.#heard || !this.#track.isOpen()) return false
    if (frame.length === 0 || frame.length > MAX_PAYLOAD_BYTES) return false
    this.#pack(frame)
    return true
  }

  /** With a packet that holds nothing. Also once after the other side was heard, which may not have heard us. */
  #call(): void {
    if (this.#heard || ++this.#calls >= MAX_CALLS) clearInterval(this.#timer)
    try {
      if (this.#track.isOpen()) this.#pack(NOTHING)
    } catch {
      // It closed just now.
    }
  }

  #pack(payload: Uint8Array): void {
    this.#track.sendMessageBinary(Buffer.from(this.#stream.pack(payload).buffer))
  }
}
