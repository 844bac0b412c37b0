/**
 * What the servers of a cluster tell each other, as JSON; frames of voice have a form of their own (bus-voice.ts). An id has a mailbox,
 * kept by the server that holds its socket; a server has one too. In a call the **owner** is the server whose lobby has it, a **gateway**
 * the one that holds the socket of a side that sits elsewhere.
 *
 *   to an id       holds     at a login: does a program of this id live at your place? (answered)
 *                  sat       a program of this id has just been let in
 *                  wants     someone at another server has named this id
 *                  take      this id's program has come to another server and named the other side there (answered)
 *                  presence  whom this id waits for has become busy, or free
 *   owner -> gateway   attached, tell, released (its call is over), replaced (its socket is at the owner now)
 *   gateway -> owner   ask (what the peer said), gone (its socket closed), moved (it has gone to another gateway), alive (answered)
 */
import * as z from 'zod'
import { ID_PATTERN } from '../../protocol/id.js'
import { MAX_MESSAGE_BYTES } from '../../protocol/signaling.js'

const id = z.string().regex(ID_PATTERN)
const server = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const short = z.string().max(64)
/** A session of a program: the id as typed, and what tells it from others with that id. */
const session = { id, key: short, session: short }
const text = z.string().max(MAX_MESSAGE_BYTES)
/** A wish: `to` someone, maybe back to the call `presents`; its socket is at `server`. */
const wish = { ...session, to: id, presents: short.nullable(), server }

const busMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('holds'), ...session }),
  z.object({ t: z.literal('sat'), ...session }),
  z.object({ t: z.literal('wants'), ...wish }),
  z.object({ t: z.literal('take'), ...wish }),
  z.object({ t: z.literal('presence'), to: id, state: z.enum(['absent', 'busy']) }),
  z.object({ t: z.literal('attached'), ...session, owner: server, callId: short }),
  z.object({ t: z.literal('tell'), ...session, text }),
  z.object({ t: z.literal('released'), ...session }),
  z.object({ t: z.literal('replaced'), ...session }),
  z.object({ t: z.literal('ask'), ...session, text }),
  z.object({ t: z.literal('gone'), ...session }),
  z.object({ t: z.literal('moved'), ...session, server }),
  z.object({ t: z.literal('alive') }),
])
export type BusMessage = z.infer<typeof busMessage>
export type Wish = Extract<BusMessage, { t: 'wants' | 'take' }>

/** Of `holds`: another key has the id, another program answers, one that did not is dropped now, or it is the same program. */
const holding = z.enum(['taken', 'elsewhere', 'gone', 'same'])
export type Holding = z.infer<typeof holding>

/** Of `take`: the server that goes on with the call that it presents; null: there is no such call. */
const taking = z.object({ owner: server.nullable() })

export function encodeBusMessage(message: BusMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message))
}

/** Null: not such a message. Another version of the server may have sent it. */
export function parseBusMessage(bytes: Uint8Array): BusMessage | null {
  return parse(busMessage, bytes)
}

export function encodeHolding(answer: Holding): Uint8Array {
  return Buffer.from(JSON.stringify(answer))
}

export function parseHolding(bytes: Uint8Array): Holding | null {
  return parse(holding, bytes)
}

export function encodeTaking(owner: string | null): Uint8Array {
  return Buffer.from(JSON.stringify({ owner }))
}

export function parseTaking(bytes: Uint8Array): string | null {
  return parse(taking, bytes)?.owner ?? null
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString())).data ?? null
  } catch {
    return null
  }
}
