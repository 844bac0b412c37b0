/** What `voicechat-peer --inspect FILE` wrote, read again. */
import { z } from 'zod'
import type { InspectionHeader, InspectionLine } from '../../peer/call/inspection.js'
import { fail, ok, type Result } from '../../protocol/result.js'

export interface Recording {
  readonly header: InspectionHeader
  readonly lines: readonly InspectionLine[]
  /** The last line was broken off: the program was killed while it wrote. It is left out. */
  readonly broken: boolean
}

const limit = z.number().nonnegative().nullable()
const header = z.object({
  inspect: z.literal(1),
  version: z.string().max(100),
  input: z.looseObject({
    ownId: z.string(),
    peerId: z.string(),
    wants: z.enum(['auto', 'direct', 'relay']),
    waitMs: limit,
    talkMs: limit,
  }),
})
const line = z.object({
  t: z.number(),
  // XState keeps these for itself: `*` stands for all events, a stop is no event of a call.
  event: z.looseObject({ type: z.string().refine(type => type !== '*' && type !== 'xstate.stop') }),
  from: z.string(),
  to: z.string(),
  changed: z.record(z.string(), z.unknown()).optional(),
  raised: z.array(z.string()).optional(),
  ignored: z.literal(true).optional(),
  heard: z.number().int().positive().optional(),
})

/** Reads the text of such a file. Errors name the line. */
export function parseRecording(text: string): Result<Recording, 'notARecording' | 'badLine'> {
  const rows = text.split('\n')
  // What follows the last line break is nothing, or what was broken off.
  const broken = rows.pop() !== ''
  const first = header.safeParse(json(rows[0] ?? ''))
  if (!first.success)
    return fail('notARecording', 'The first line is not that of a file of --inspect, of the kind that is known here.')
  const lines: InspectionLine[] = []
  for (const [i, row] of rows.slice(1).entries()) {
    const parsed = line.safeParse(json(row))
    const starts = parsed.success && parsed.data.event.type === 'xstate.init'
    if (!parsed.success || starts !== (i === 0)) return fail('badLine', `Line ${i + 2} is not one of --inspect.`)
    lines.push(parsed.data as InspectionLine)
  }
  return ok({ header: first.data, lines, broken })
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
