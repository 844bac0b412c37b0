/**
 * The echo peer, which says back what it hears: what a server and its echo program say to each other, a JSON line each.
 * Between two processes of one machine; nothing of it is on the wire.
 */
import * as z from 'zod'
import { ID_PATTERN } from './id.js'
import { fail, ok, type Result } from './result.js'

const id = z.string().regex(ID_PATTERN)

/** The server wants somebody called: as `id`, at the server `url`, for `forMs` at most; nobody there after `waitMs`: never mind. */
const echoOrder = z.strictObject({
  do: z.literal('call'),
  url: z.string().max(300),
  id,
  to: id,
  waitMs: z.number().int().min(1),
  forMs: z.number().int().min(1),
})
/** The program tells that it takes orders, and the key of its peers (public, base64url); and that the call under this id is over. */
const echoNews = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), key: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
  z.object({ event: z.literal('ended'), id }),
])

export type EchoOrder = z.infer<typeof echoOrder>
export type EchoNews = z.infer<typeof echoNews>

export function parseEchoOrder(line: string): Result<EchoOrder, 'badLine'> {
  return parse(echoOrder, line)
}

export function parseEchoNews(line: string): Result<EchoNews, 'badLine'> {
  return parse(echoNews, line)
}

function parse<T>(schema: z.ZodType<T>, line: string): Result<T, 'badLine'> {
  try {
    const parsed = schema.safeParse(JSON.parse(line))
    if (parsed.success) return ok(parsed.data)
  } catch {}
  return fail('badLine', 'Not a line of this kind.')
}
