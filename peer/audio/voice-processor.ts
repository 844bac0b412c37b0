/** What changes one's voice between the microphone and the encoder. */
export interface VoiceProcessor {
  /** What comes out was said so much before what goes in, ms. */
  readonly delayMs: number
  /** The next frame (`FRAME_SAMPLES`), changed in place. */
  process(frame: Int16Array): void
  /** Here is a gap: of what was said before it nothing is to come after it. */
  pause(): void
  close(): void
}
