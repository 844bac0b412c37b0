/** What takes noise out of speech. */
export interface Denoiser {
  /**
   * Changes a block (`BLOCK_SAMPLES`) in place; what comes out is one block late. Gives the probability that there is
   * voice in what went in, 0 to 1.
   */
  process(block: Float32Array): number
  close(): void
}
