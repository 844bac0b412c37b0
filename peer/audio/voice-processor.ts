/** What changes one's voice between the microphone and the encoder. */
export interface VoiceProcessor {
  /** What comes out was said so much before what goes in, ms. */
  readonly delayMs: number
  /** The next frame (`FRAME_SAMPLES`), changed in place. */
  process(frame: Int16Array): void
  /** Here is a gap: what was said before it is not to be heard after it. */
  pause(): void
  close(): void
}
