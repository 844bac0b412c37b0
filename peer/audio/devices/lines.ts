/** Makes lines of chunks that may end in the middle of one; a carriage return ends a line too. Empty ones are left out. */
export function lineReader(onLine: (line: string) => void): (chunk: Buffer | string) => void {
  let unread = ''
  return chunk => {
    const lines = (unread + chunk).split(/[\r\n]/)
    unread = lines.pop() ?? ''
    for (const line of lines) if (line !== '') onLine(line)
  }
}

/** Makes samples of chunks that may end in the middle of one. */
export function sampleReader(): (bytes: Buffer) => Int16Array {
  let half: number | null = null
  return bytes => {
    const all = half === null ? bytes : Buffer.concat([Uint8Array.of(half), bytes])
    const samples = new Int16Array(all.length >> 1)
    // Both ends are this machine: its own order of bytes.
    new Uint8Array(samples.buffer).set(all.subarray(0, 2 * samples.length))
    half = all.length % 2 === 0 ? null : all[all.length - 1]!
    return samples
  }
}
