/** Bytes inside JSON. */
import { fromBase64url, toBase64url } from '../../../protocol/bytes.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['protocol/bytes.js'],
  maxBytes: 200,
  samples: ['', 'AA', 'AAE', 'AAEC', '_-8', 'AB', 'AA=='].map(text => Buffer.from(text)),
  words: ['=', '==', '-', '_', '+', '/', '\n', 'A', 'Q'],
  run(input) {
    const text = new TextDecoder().decode(input)
    const bytes = fromBase64url(text)
    const node = new Uint8Array(Buffer.from(text, 'base64url'))
    if (bytes === null) {
      // Node reads anything, so what was refused is never what Node would write.
      holds(Buffer.from(node).toString('base64url') !== text, 'refuses no text that Node writes')
      return 'refused'
    }
    holds(toBase64url(bytes) === text, 'bytes have one text only')
    holds(Buffer.from(bytes).equals(node), 'reads the bytes that Node reads')
    return 'read'
  },
}
