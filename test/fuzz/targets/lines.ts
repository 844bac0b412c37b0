/** Output of programs, in chunks that end anywhere: what is read does not depend on where. */
import { lineReader, sampleReader } from '../../../peer/audio/devices/lines.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['peer/audio/devices/lines.js'],
  maxBytes: 400,
  samples: ['\x03one\ntwo\r\nthree', '\x01a\n\n\r', '\x05\n'].map(text => Buffer.from(text)),
  words: ['\n', '\r', '\r\n'],
  run(input) {
    const choices = new Choices(input)
    const size = choices.byte()
    const text = Buffer.from(choices.rest()).toString('latin1')
    const chunks: string[] = []
    for (let at = 0, n = 0; at < text.length; n++) {
      const length = 1 + ((size * (n + 1)) % 17)
      chunks.push(text.slice(at, at + length))
      at += length
    }
    const lines: string[] = []
    const read = lineReader(line => lines.push(line))
    for (const chunk of chunks) read(chunk)
    const expected = text
      .split(/[\r\n]/)
      .slice(0, -1)
      .filter(line => line !== '')
    holds(lines.join('\n') === expected.join('\n'), 'reads the same lines, wherever chunks end')
    const readSamples = sampleReader()
    const samples = chunks.flatMap(chunk => [...readSamples(Buffer.from(chunk, 'latin1'))])
    const whole = Buffer.from(text, 'latin1')
    holds(samples.length === whole.length >> 1, 'reads all samples')
    holds(
      samples.every((sample, i) => sample === whole.readInt16LE(2 * i)),
      'and the same ones',
    )
    return `${Math.min(lines.length, 3)}`
  },
}
