/**
 * Signaling: what a peer and the server say to each other, as JSON text on one websocket.
 *
 *   server -> peer   challenge                    on connect
 *   peer -> server   login                        within 5 s; signed (login.ts)
 *   server -> peer   online | refused             refused is followed by a close
 *   server -> peer   ice {stunPort, turn}         after online, if there is any; again before its credentials end (ice.ts)
 *   peer -> server   call {to, resume?}           "I want XYZ"; replaces an earlier wish
 *   server -> peer   presence absent | busy       until both have named each other
 *   server -> peer   matched {callId, resumed}    to both
 *   both ways        pass {callId, data}          opaque to the server: the handshake's flights
 *   both ways        binary                       relay legs (relay-leg.ts), only inside a matched call
 *   server -> peer   away, back                   the other side's connection fell, returned
 *   peer -> server   leave {reason}; then the other side gets left {reason}
 *   peer -> server   echo; server -> peer echo {peer}  "let your echo peer call me"; its id, to be named in a call
 *   peer -> server   ping {n}; server -> peer pong {n}
 *   server -> peer   restarting {reconnectInMs, tryForMs}
 *   server -> peer   servers {urls}               others of its cluster, to dial when this one is gone
 *   server -> peer   move {url}                   go on at that server: dial it beside this one, log in, name the other side again
 *   server -> peer   error {name, message}        the last message was not understood or not allowed; the connection lives on
 */
import * as z from 'zod'
import { fromBase64url } from './bytes.js'
import { iceServers } from './ice.js'
import { ID_PATTERN } from './id.js'
import { fail, ok, type Result } from './result.js'

/** Version of the signaling messages; a server refuses others by name (`version`). */
export const SIGNALING_VERSION = 1

/** The largest websocket message that either end accepts, bytes. */
export const MAX_MESSAGE_BYTES = 16 * 1024

/** The largest sealed or handshake message inside a `pass`, bytes. */
export const MAX_PASS_BYTES = 8 * 1024

/** The server's default port. */
export const DEFAULT_PORT = 9001

/** The longest URL of a server, characters; and how many others one names. */
export const MAX_URL_LENGTH = 300
export const MAX_SERVERS = 8

/** Bytes in the one text that they have: two texts of one call id would be two calls to one end and one to the other. */
const bytes = (length: number) =>
  z.string().refine(text => fromBase64url(text)?.length === length, `must be ${length} bytes as base64url`)
const bytes16 = bytes(16)
const bytes32 = bytes(32)
const bytes64 = bytes(64)
const id = z.string().regex(ID_PATTERN)
const message = z.string().max(500)
const ms = z.number().int().min(0).max(3_600_000)
const url = z.string().max(MAX_URL_LENGTH)

/** Why a login was refused. `taken`: another key holds the id. `elsewhere`: another program with the same key is online. */
export const refusals = [
  'version',
  'badLogin',
  'badOrigin',
  'taken',
  'elsewhere',
  'tooMany',
  'slow',
  'notAllowed',
] as const
export type Refusal = (typeof refusals)[number]

/** Why a side left a call, as told to the server and through it to the other side. Unauthenticated: a hint, not a proof. */
export const leaveReasons = ['hungUp', 'unverified', 'noRoute', 'vanished', 'failed'] as const
export type LeaveReason = (typeof leaveReasons)[number]

const call = { callId: bytes16 }
const pass = z.strictObject({
  type: z.literal('pass'),
  ...call,
  data: z
    .string()
    .min(1)
    .max(Math.ceil((MAX_PASS_BYTES * 4) / 3))
    .refine(text => fromBase64url(text) !== null, 'must be bytes as base64url'),
})

const fromPeer = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('login'),
    v: z.number().int(),
    id,
    key: bytes32,
    /** Random, one for each run of a program: tells a reconnect from a second program with the same key. */
    session: bytes16,
    origin: z.string().max(300),
    signature: bytes64,
    /** To a private server that does not know the key yet (invitation.ts). Whether it is one, is for the server to say. */
    invitation: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,200}$/)
      .optional(),
  }),
  z.strictObject({ type: z.literal('call'), to: id, resume: bytes16.optional() }),
  pass,
  z.strictObject({ type: z.literal('leave'), reason: z.enum(leaveReasons) }),
  z.strictObject({ type: z.literal('echo') }),
  z.strictObject({ type: z.literal('ping'), n: z.number().int().min(0).max(0xffffffff) }),
])

/** Peers ignore fields that they don't know, so that a server can grow. */
const fromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), v: z.number().int(), challenge: bytes32, server: z.string().max(100) }),
  z.object({ type: z.literal('online'), id }),
  z.object({ type: z.literal('ice'), ...iceServers.shape }),
  z.object({ type: z.literal('refused'), reason: z.enum(refusals), message }),
  z.object({ type: z.literal('presence'), to: id, state: z.enum(['absent', 'busy']) }),
  /** `resumed`: both sides asked to resume this very call, or one came back to it. False: a new call, agree on new keys. */
  z.object({ type: z.literal('matched'), ...call, peer: id, resumed: z.boolean() }),
  pass,
  z.object({ type: z.literal('away'), ...call }),
  z.object({ type: z.literal('back'), ...call }),
  z.object({ type: z.literal('left'), ...call, reason: z.enum(leaveReasons) }),
  z.object({ type: z.literal('echo'), peer: id }),
  z.object({ type: z.literal('restarting'), reconnectInMs: ms, tryForMs: ms }),
  z.object({ type: z.literal('servers'), urls: z.array(url).max(MAX_SERVERS) }),
  z.object({ type: z.literal('move'), url }),
  z.object({ type: z.literal('pong'), n: z.number().int().min(0).max(0xffffffff) }),
  z.object({ type: z.literal('error'), name: z.string().max(50), message }),
])

export type FromPeer = z.infer<typeof fromPeer>
export type FromServer = z.infer<typeof fromServer>
export type SignalingProblem = 'tooLong' | 'notJson' | 'badMessage'

function parse<T>(schema: z.ZodType<T>, text: string): Result<T, SignalingProblem> {
  if (text.length > MAX_MESSAGE_BYTES) return fail('tooLong', `A message is at most ${MAX_MESSAGE_BYTES} bytes.`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return fail('notJson', 'A text message must be JSON.')
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return ok(parsed.data)
  const issue = parsed.error.issues[0]
  const where = issue?.path.join('.') || 'the message'
  return fail('badMessage', `Not a message of this protocol: ${where}: ${issue?.message ?? 'unknown'}.`.slice(0, 500))
}

/** Parses what a peer sent to the server. Strict: unknown fields are refused. */
export function parseFromPeer(text: string): Result<FromPeer, SignalingProblem> {
  return parse(fromPeer, text)
}

/** Parses what the server sent to a peer. Unknown fields are ignored. */
export function parseFromServer(text: string): Result<FromServer, SignalingProblem> {
  return parse(fromServer, text)
}

export function encodeSignaling(message: FromPeer | FromServer): string {
  return JSON.stringify(message)
}
