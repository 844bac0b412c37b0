/** What the person or the program at the other end of stdin wants: keys in a terminal, JSON lines with `--json`. */
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { fail, ok, type Result } from '../../protocol/result.js'
import { MAX_VOLUME, MIN_VOLUME } from '../audio/gain.js'
import type { UserEvent } from '../call/events.js'

/** What the person wants of the call, or of this end of it: `percent` of volume. */
export type Wish = UserEvent | { readonly type: 'volume'; readonly percent: number }

/** What of the call a key's meaning depends on. */
export interface KeyContext {
  readonly muted: boolean
  /** Percent. */
  readonly volume: number
}

const VOLUME_STEP = 10

const command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.enum(['mute', 'unmute', 'confirm', 'hangup']) }),
  z.strictObject({ do: z.literal('volume'), percent: z.number().min(MIN_VOLUME).max(MAX_VOLUME) }),
])

/** One line of stdin with `--json`. */
export function parseCommand(line: string): Result<Wish, 'badCommand'> {
  const wrong = fail(
    'badCommand',
    `A command is one of {"do":"mute"}, {"do":"unmute"}, {"do":"confirm"}, {"do":"hangup"}, {"do":"volume","percent":N} with N from ${MIN_VOLUME} to ${MAX_VOLUME}, a line each.`,
  )
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return wrong
  }
  const parsed = command.safeParse(json)
  if (!parsed.success) return wrong
  const { data } = parsed
  if (data.do === 'volume') return ok({ type: 'volume', percent: data.percent })
  return ok({ type: data.do === 'hangup' ? 'hangUp' : data.do })
}

/** What a key means; null: nothing. */
export function wishOfKey(key: string, { muted, volume }: KeyContext): Wish | null {
  switch (key) {
    case 'm':
    case 'M':
      return { type: muted ? 'unmute' : 'mute' }
    case '+':
    case '=':
      return { type: 'volume', percent: Math.min(MAX_VOLUME, volume + VOLUME_STEP) }
    case '-':
      return { type: 'volume', percent: Math.max(MIN_VOLUME, volume - VOLUME_STEP) }
    case 'v':
    case 'V':
      return { type: 'confirm' }
    case 'q':
    case 'Q':
    case '\x03':
    case '\x04':
      return { type: 'hangUp' }
    default:
      return null
  }
}

/** What the keys do, in sentences. */
export const KEY_HELP: readonly string[] = [
  'Keys: m mutes and unmutes. The space bar does too; held down, it does so only until you let go: to talk, or to cough.',
  '+ and - set the volume of the other side. v: the two codes are the same. q hangs up.',
]

/** The keys in what a terminal sent at once. Keys that send a sequence (arrows, F1, Alt and a letter) are none of ours. */
export function keysIn(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal sends them
  return [...text.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\x1b])?/gs, '')]
}

/** Reads JSON commands until stdin ends, which changes nothing. Returns how to stop. */
export function listenForCommands(
  input: NodeJS.ReadStream,
  onWish: (wish: Wish) => void,
  onProblem: (message: string) => void,
) {
  const lines = createInterface({ input, terminal: false })
  lines.on('line', line => {
    if (line.trim() === '') return
    const parsed = parseCommand(line)
    if (parsed.ok) onWish(parsed.value)
    else onProblem(parsed.error.message)
  })
  return () => {
    lines.close()
    input.destroy()
  }
}

/** Reads single keys of a terminal. Returns how to give it back. */
export function listenForKeys(input: NodeJS.ReadStream, onKey: (key: string) => void) {
  const hear = (data: Buffer) => {
    for (const key of keysIn(data.toString('utf8'))) onKey(key)
  }
  input.setRawMode(true)
  input.on('data', hear)
  input.resume()
  return () => {
    input.off('data', hear)
    input.setRawMode(false)
    input.pause()
    input.unref()
  }
}
