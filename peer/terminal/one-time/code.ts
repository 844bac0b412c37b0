/**
 * The code of a one-time call, `7-orbit-maple`: a number, by which the two sides find each other on a server, and two words, the password
 * of their key agreement, which never leave the two machines.
 */
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { didYouMean } from '../../../protocol/did-you-mean.js'
import type { Random } from '../../../protocol/random.js'
import { MAX_RENDEZVOUS } from '../../../protocol/rendezvous.js'
import { fail, ok, type Result } from '../../../protocol/result.js'

export interface OneTimeCode {
  /** 1 to MAX_RENDEZVOUS. */
  readonly number: number
  /** Lower case, with a hyphen between: `orbit-maple`. Both sides use it in this form. */
  readonly words: string
}

const WORDS = 2
/** So many letters tell all of the list's words apart (BIP-39). */
const PREFIX = 4
/** Of what was typed, in messages. */
const MAX_SHOWN = 20

const known = new Set(wordlist)
const byPrefix = new Map(wordlist.map(word => [word.slice(0, PREFIX), word]))

/** New words. Each pair is as likely as any other, one in 2^22: the list has 2^11 words, and 2^16 is a multiple of that. */
export function drawWords(random: Random): string {
  const words = Array.from({ length: WORDS }, () => {
    const [high = 0, low = 0] = random(2)
    return wordlist[((high << 8) | low) % wordlist.length]
  })
  return words.join('-')
}

export function printCode({ number, words }: OneTimeCode): string {
  return `${number}-${words}`
}

/**
 * What a person typed, in either case, with hyphens or spaces between, words in full or their first four letters or more. A mistake is told
 * before anything is sent: it costs no guess.
 */
export function parseCode(text: string): Result<OneTimeCode, 'badCode'> {
  const parts = text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .split(/[\s\p{Pd}]+/u)
  const [digits = '', ...typed] = parts
  const number = /^[0-9]{1,9}$/.test(digits) ? Number(digits) : 0
  if (number < 1 || number > MAX_RENDEZVOUS || typed.length !== WORDS)
    return fail('badCode', 'A code is a number and two words, like 7-orbit-maple.')
  const words: string[] = []
  for (const each of typed) {
    const word = wordOf(each)
    if (word === undefined) return fail('badCode', noWord(each.slice(0, MAX_SHOWN)))
    words.push(word)
  }
  return ok({ number, words: words.join('-') })
}

function wordOf(typed: string): string | undefined {
  if (known.has(typed)) return typed
  const word = typed.length < PREFIX ? undefined : byPrefix.get(typed.slice(0, PREFIX))
  return word?.startsWith(typed) ? word : undefined
}

/** The beginning of a word tells more than how near another one is. */
function noWord(typed: string): string {
  const begun = wordlist.filter(word => word.startsWith(typed))
  const likely = begun.length === 1 ? begun[0] : byPrefix.get(typed.slice(0, PREFIX))
  return `"${typed}" is no word of a code.${didYouMean(likely ?? typed, wordlist)}`
}
