/**
 * A short name for two people, put behind the URL that both dial (`?pair=...`): what stands in front of several servers, or of several
 * processes of one, can so send both to the same. It is a hint: two who come in at different ones find each other all the same.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64url } from './bytes.js'
import { canonicalId } from './id.js'
import { lv } from './length-value.js'

const LABEL = 'evc/1 pair'
const BYTES = 8

/** The same for both, whoever asks. */
export function pairName(one: string, other: string): string {
  const ids = [canonicalId(one), canonicalId(other)].sort()
  return toBase64url(sha256(lv(LABEL, ...ids)).subarray(0, BYTES))
}

/** The URL of a server, with the pair's name. */
export function withPair(url: string, one: string, other: string): string {
  const dialled = new URL(url)
  dialled.searchParams.set('pair', pairName(one, other))
  return dialled.href
}
