/** Samples that speech is processed in at a time: 10 ms, half a frame. Floats on the scale of 16 bits. */
export const BLOCK_SAMPLES = 480
export const BLOCK_S = 0.01
