/** Changes to an input, each a function of the input, a source of randomness and what else there is to take bytes from. */
import type { SeededRandom } from '../simulation/seeded-random.js'

export interface Pool {
  /** Other inputs, at least one. */
  readonly corpus: readonly Uint8Array[]
  /** Words of the format. */
  readonly words: readonly Uint8Array[]
  /** Inputs are cut off here, bytes. */
  readonly maxBytes: number
}

type Mutation = (input: Uint8Array, random: SeededRandom, pool: Pool) => Uint8Array

/** Values at which parsers go wrong, by their width in bytes. */
const EDGES: Readonly<Record<number, readonly number[]>> = {
  1: [0, 1, 0x1f, 0x20, 0x7f, 0x80, 0xc0, 0xff],
  2: [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff],
  4: [0, 1, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff],
}
const NUMBERS = ['0', '-1', '1', '255', '256', '65535', '65536', '4294967295', '4294967296', '1e309', '-0', '0.5', '00']
const MOST_AT_ONCE = 6

const flipBit: Mutation = (input, random) => {
  if (input.length === 0) return input
  const out = input.slice()
  out[random.below(out.length)]! ^= 1 << random.below(8)
  return out
}

const setByte: Mutation = (input, random) => {
  if (input.length === 0) return input
  const out = input.slice()
  const value = random.chance(0.5) ? pick(EDGES[1]!, random) : random.below(256)
  out[random.below(out.length)] = value
  return out
}

const addToByte: Mutation = (input, random) => {
  if (input.length === 0) return input
  const out = input.slice()
  out[random.below(out.length)]! += random.below(33) - 16
  return out
}

/** An integer of 2 or 4 bytes, in either order: an edge, or how many bytes follow, or nearly so many. */
const setInteger: Mutation = (input, random) => {
  const width = random.chance(0.5) ? 2 : 4
  if (input.length < width) return input
  const out = input.slice()
  const at = random.below(out.length - width + 1)
  const left = out.length - at - width
  const value = random.chance(0.5) ? pick(EDGES[width]!, random) : Math.max(0, left + random.below(5) - 2)
  const view = new DataView(out.buffer)
  const little = random.chance(0.5)
  if (width === 2) view.setUint16(at, value, little)
  else view.setUint32(at, value, little)
  return out
}

/** A byte that may be a length becomes the number of bytes that follow, or nearly so. */
const setLength: Mutation = (input, random) => {
  if (input.length === 0) return input
  const out = input.slice()
  const at = random.below(out.length)
  out[at] = Math.max(0, out.length - at - 1 + random.below(5) - 2)
  return out
}

const insertBytes: Mutation = (input, random) => {
  const at = random.below(input.length + 1)
  return concat(input.subarray(0, at), random.bytes(1 + random.below(8)), input.subarray(at))
}

/** Many times the same: what takes longer than it should shows then. */
const insertRun: Mutation = (input, random, { maxBytes }) => {
  const at = random.below(input.length + 1)
  const byte = input.length > 0 && random.chance(0.7) ? input[random.below(input.length)]! : random.below(256)
  const length = random.chance(0.1) ? random.below(maxBytes + 1) : 1 + random.below(40)
  return concat(input.subarray(0, at), new Uint8Array(length).fill(byte), input.subarray(at))
}

const removeRange: Mutation = (input, random) => {
  const [from, to] = range(input, random)
  return concat(input.subarray(0, from), input.subarray(to))
}

const cutOff: Mutation = (input, random) => input.slice(0, random.below(input.length + 1))

const doubleRange: Mutation = (input, random) => {
  const [from, to] = range(input, random)
  const times = random.chance(0.1) ? random.below(64) : 1
  const part = input.subarray(from, to)
  return concat(input.subarray(0, to), ...Array.from({ length: times }, () => part), input.subarray(to))
}

const moveRange: Mutation = (input, random) => {
  const [from, to] = range(input, random)
  const rest = concat(input.subarray(0, from), input.subarray(to))
  const at = random.below(rest.length + 1)
  return concat(rest.subarray(0, at), input.subarray(from, to), rest.subarray(at))
}

const splice: Mutation = (input, random, { corpus }) => {
  const other = pick(corpus, random)
  return concat(input.subarray(0, random.below(input.length + 1)), other.subarray(random.below(other.length + 1)))
}

const insertPartOfOther: Mutation = (input, random, { corpus }) => {
  const other = pick(corpus, random)
  const [from, to] = range(other, random)
  const at = random.below(input.length + 1)
  return concat(input.subarray(0, at), other.subarray(from, to), input.subarray(at))
}

const insertWord: Mutation = (input, random, { words }) => {
  if (words.length === 0) return input
  const at = random.below(input.length + 1)
  return concat(input.subarray(0, at), pick(words, random), input.subarray(at))
}

const overwriteByWord: Mutation = (input, random, { words }) => {
  if (words.length === 0) return input
  const word = pick(words, random)
  const at = random.below(input.length + 1)
  return concat(input.subarray(0, at), word, input.subarray(at + word.length))
}

/** Some digits in a row become another number. */
const setNumber: Mutation = (input, random) => {
  if (input.length === 0) return input
  const start = random.below(input.length)
  let from = start
  while (from < input.length && !isDigit(input[from]!)) from++
  let to = from
  while (to < input.length && isDigit(input[to]!)) to++
  return from === to ? input : concat(input.subarray(0, from), bytes(pick(NUMBERS, random)), input.subarray(to))
}

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  setByte,
  addToByte,
  setInteger,
  setLength,
  insertBytes,
  insertRun,
  removeRange,
  cutOff,
  doubleRange,
  moveRange,
  splice,
  insertPartOfOther,
  insertWord,
  overwriteByWord,
  setNumber,
]

/** One to a few changes, mostly one. The result is an array of its own. */
export function mutate(input: Uint8Array, random: SeededRandom, pool: Pool): Uint8Array {
  let out = input
  for (let n = 0; n < MOST_AT_ONCE; n++) {
    out = pick(MUTATIONS, random)(out, random, pool).slice(0, pool.maxBytes)
    if (random.chance(0.5)) break
  }
  return out
}

/** Of a list that is not empty. */
export function pick<T>(list: readonly T[], random: SeededRandom): T {
  return list[random.below(list.length)]!
}

/** Texts as UTF-8. With `concat` a double of what protocol/bytes.ts has: that is a target, and is not to run here. */
export function bytes(word: string | Uint8Array): Uint8Array {
  return typeof word === 'string' ? new TextEncoder().encode(word) : word
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** Mostly short ones. */
function range(input: Uint8Array, random: SeededRandom): readonly [from: number, to: number] {
  const from = random.below(input.length + 1)
  const most = random.chance(0.7) ? Math.min(16, input.length - from) : input.length - from
  return [from, from + random.below(most + 1)]
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
