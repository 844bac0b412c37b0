import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { concat, utf8 } from '../../protocol/bytes.js'
import type { Random } from '../../protocol/random.js'

/** A source of bytes that a seed decides: SHA-256 of the seed and a count. For tests alone. */
export function seeded(seed: string): Random {
  let count = 0
  return length => {
    const blocks: Uint8Array[] = []
    for (let have = 0; have < length; have += 32) blocks.push(sha256(utf8(`${seed} ${count++}`)))
    return concat(...blocks).slice(0, length)
  }
}

export { bytesToHex as hex, hexToBytes as unhex }
