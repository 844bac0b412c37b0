/** The attacks that are scripted, by number and name, and the file that holds the test of each. */

/** An environment variable that names the attacks whose tests are to be run alone, as numbers with commas between. */
export const ONLY = 'VOICECHAT_ATTACKS'

export type Theme = 'handshake' | 'trust' | 'logins' | 'server' | 'deadlines' | 'media' | 'privacy'

export interface Attack {
  readonly number: number
  readonly name: string
  readonly theme: Theme
}

const NAMES: readonly (readonly [name: string, theme: Theme])[] = [
  ['bit flip at each byte of M1-M4', 'handshake'],
  ['truncation at each length', 'handshake'],
  ['replay of M2-M4', 'handshake'],
  ['reflection of M1', 'handshake'],
  ['wrong password', 'handshake'],
  ['guess limit evaded by silence', 'trust'],
  ['guess limit evaded by new ids', 'trust'],
  ['mode downgrade', 'handshake'],
  ['suite and version downgrade', 'handshake'],
  ['swapped ids', 'handshake'],
  ['invalid and identity shares', 'handshake'],
  ['codes differ under a man in the middle', 'handshake'],
  ['retry until codes match', 'trust'],
  ['identity swapped against a pin', 'trust'],
  ['server swaps SDP and fingerprints', 'media'],
  ['login signature replayed for another origin, id, challenge', 'logins'],
  ['login signature as call signature', 'logins'],
  ['id takeover during reconnect', 'logins'],
  ['first-seen squatting', 'logins'],
  ['both call at once', 'logins'],
  ['bit flips in frames', 'media'],
  ['replay, reorder, two routes', 'media'],
  ['KID confusion and reflection', 'media'],
  ["another call's metadata", 'media'],
  ['forged future epoch', 'media'],
  ['random frames', 'media'],
  ['oversize and fragment floods', 'server'],
  ['slowloris in HTTP, TLS, login', 'deadlines'],
  ['slow consumer', 'server'],
  ['cross-site websocket', 'server'],
  ['__proto__ and duplicate keys in JSON, ids named __proto__', 'server'],
  ['confusable ids', 'logins'],
  ['relay bytes outside a call', 'server'],
  ['ICE suppressed', 'privacy'],
  ['forged bye', 'media'],
  ['expired TURN credential', 'server'],
  ['capture shows constant sizes and no plaintext', 'privacy'],
  ['logs hold no secret', 'privacy'],
  ['no nonce is used twice over any sequence of reconnects and route changes', 'privacy'],
  ['a server leads its peers elsewhere', 'server'],
]

export const attacks: readonly Attack[] = NAMES.map(([name, theme], i) => ({ number: i + 1, name, theme }))

/** Throws a RangeError where there is no attack of that number. */
export function attackOf(number: number): Attack {
  const attack = attacks[number - 1]
  if (!attack) throw new RangeError(`there is no attack ${number}`)
  return attack
}

/** The path of its test, without its ending, from the top of the repository. */
export function testOf({ theme }: Attack): string {
  return `test/attacks/${theme}.test`
}
