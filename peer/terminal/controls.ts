/** What the person or the program at the other end of stdin wants: keys in a terminal, JSON lines with `--json`. */
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { fail, ok, type Result } from '../../protocol/result.js'
import type { UserEvent } from '../call/events.js'

const command = z.strictObject({ do: z.enum(['mute', 'unmute', 'confirm', 'hangup']) })

/** One line of stdin with `--json`. */
export function parseCommand(line: string): Result<UserEvent, 'badCommand'> {
  const wrong = fail(
    'badCommand',
    'A command is one of {"do":"mute"}, {"do":"unmute"}, {"do":"confirm"}, {"do":"hangup"}, a line each.',
  )
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return wrong
  }
  const parsed = command.safeParse(json)
  if (!parsed.success) return wrong
  const what = parsed.data.do
  return ok({ type: what === 'hangup' ? 'hangUp' : what })
}

/** What a key means; null: nothing. */
export function eventOfKey(key: string, muted: boolean): UserEvent | null {
  switch (key) {
    case 'm':
    case 'M':
      return { type: muted ? 'unmute' : 'mute' }
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

/** Reads JSON commands until stdin ends, which changes nothing. Returns how to stop. */
export function listenForCommands(
  input: NodeJS.ReadStream,
  onEvent: (event: UserEvent) => void,
  onProblem: (message: string) => void,
) {
  const lines = createInterface({ input, terminal: false })
  lines.on('line', line => {
    if (line.trim() === '') return
    const parsed = parseCommand(line)
    if (parsed.ok) onEvent(parsed.value)
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
    for (const key of data.toString('utf8')) onKey(key)
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
