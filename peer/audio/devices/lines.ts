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
  let rest = Buffer.alloc(0)
  return bytes => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    const samples = new Int16Array(all.length >> 1)
    for (let i = 0; i < samples.length; i++) samples[i] = all.readInt16LE(2 * i)
    rest = Buffer.from(all.subarray(2 * samples.length))
    return samples
  }
}
