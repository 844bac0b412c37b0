/**
 * What a server offers to peers that look for a direct route: an answer to "which address do you see me at?" (STUN,
 * RFC 8489) and relays for those who find no other way (TURN, RFC 8656). The server is not trusted: what it says here may
 * keep two peers from a direct route, and can't open a frame.
 */
import * as z from 'zod'

/** TURN servers in one message, at most. */
export const MAX_TURN_SERVERS = 8

/** A TURN server: `turn:host:port`, or `turns:` over TLS, maybe with `?transport=udp` or `tcp` (RFC 7065). */
const TURN_URL =
  /^turns?:(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5})(?:\?transport=(?:udp|tcp))?$/

/** Whether this is a TURN server's URL, with its port; whoever hands it to an engine need not look at it again. */
export function isTurnUrl(url: string): boolean {
  const port = Number(TURN_URL.exec(url)?.[1])
  return port >= 1 && port <= 65535
}

/** Printable ASCII without spaces: the server is a stranger, and an engine gets these texts. */
const short = z
  .string()
  .regex(/^[!-~]+$/)
  .max(200)

export const iceServers = z.object({
  /** The UDP port of the server's own STUN, at the address that the peer dialled; null: it has none. */
  stunPort: z.number().int().min(1).max(65535).nullable(),
  /** Another UDP port of the same server that answers STUN; see PROTOCOL.md. Absent: it has none. */
  otherStunPort: z.number().int().min(1).max(65535).optional(),
  /** With credentials that end after an hour at most. */
  turn: z
    .array(z.object({ url: z.string().max(300).refine(isTurnUrl), username: short, credential: short }))
    .max(MAX_TURN_SERVERS),
})

export type IceServers = z.infer<typeof iceServers>
export type TurnServer = IceServers['turn'][number]
