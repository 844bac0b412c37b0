/** The file with one's secret key. */
import { identityFile } from '../../../peer/terminal/identity-file.js'
import { fromBase64url } from '../../../protocol/bytes.js'
import { identityFromSecret } from '../../../protocol/identity.js'
import { readState } from '../state.js'
import { holds, type Target } from '../target.js'
import { jsonWords } from './signaling-from-peer.js'

const file = identityFile('identity.json')
const secret = Buffer.alloc(32, 9).toString('base64url')

export const target: Target = {
  files: ['peer/terminal/identity-file.js', 'protocol/node-state-file.js'],
  maxBytes: 300,
  samples: [{ version: 1, secretKey: secret }, { secretKey: 7 }, null, [secret], { secretKey: 'AA' }].map(value =>
    Buffer.from(JSON.stringify(value)),
  ),
  words: [...jsonWords, '"secretKey":', `"${secret}"`, '='],
  run(input) {
    const read = readState(file, input)
    if ('damaged' in read) return 'damaged'
    const bytes = fromBase64url(read.value.secretKey)
    holds(bytes !== null && identityFromSecret(bytes).publicKey.length === 32, 'is the key of an identity')
    return 'key'
  },
}
