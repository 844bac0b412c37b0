/** What is kept of each target: test/fuzz/corpus/<target>.json, inputs that run code of their own and inputs that were findings once. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../test/fuzz/corpus/', import.meta.url))

/** An input as text where it is one that people can read, else as base64. `note`: what it once did; such an input is never dropped. */
export type Entry = ({ readonly text: string } | { readonly base64: string }) & { readonly note?: string }

export function pathOf(target: string): string {
  return `${FOLDER}${target}.json`
}

/** An absent file is an empty corpus. Throws on a damaged one. */
export function readCorpus(target: string): readonly Entry[] {
  try {
    return JSON.parse(readFileSync(pathOf(target), 'utf8')) as Entry[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Writes these inputs and the entries with notes, an entry a line. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[], noted: readonly Entry[]): void {
  const notes = new Map(noted.flatMap(entry => (entry.note ? [[keyOf(bytesOf(entry)), entry.note] as const] : [])))
  const fresh = inputs.filter(input => !notes.has(keyOf(input))).map(input => entryOf(input))
  const kept = noted.filter(({ note }) => note !== undefined)
  const lines = [...kept, ...fresh].map(entry => `  ${JSON.stringify(entry)}`)
  writeFileSync(pathOf(target), `[\n${lines.join(',\n')}\n]\n`)
}

export function bytesOf(entry: Entry): Uint8Array {
  return new Uint8Array('text' in entry ? Buffer.from(entry.text) : Buffer.from(entry.base64, 'base64'))
}

export function entryOf(input: Uint8Array, note?: string): Entry {
  const text = Buffer.from(input).toString()
  const readable = Buffer.from(text).equals(input) && /^[\t\n\r -~]*$/.test(text)
  return { ...(readable ? { text } : { base64: Buffer.from(input).toString('base64') }), ...(note && { note }) }
}

function keyOf(input: Uint8Array): string {
  return Buffer.from(input).toString('base64')
}
