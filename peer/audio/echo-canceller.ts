/**
 * Takes what the speaker plays out of what the microphone hears, for people without headphones. It learns the way from one to the
 * other by itself, within a second or two of sound. 48 kHz, one channel; blocks of any size.
 */
export interface EchoCanceller {
  /** What the speaker was just given: before the microphone can hear it. Read until it returns. */
  played(block: Int16Array): void
  /** What the microphone gave just now; returns what there is without the echo, up to 10 ms less or more than it was given. */
  heard(block: Int16Array): Int16Array
  /** Gives everything back. May be called twice; what is heard after that comes back as it is. */
  close(): void
}
