/**
 * Members: the keys that came with an invitation, and the invitations that were used. Each invitation is for the first key that
 * shows it, for good, also after that key was removed.
 */
import * as z from 'zod'
import { toBase64url } from '../protocol/bytes.js'
import { ID_PATTERN, sameId } from '../protocol/id.js'
import type { Invitation } from '../protocol/invitation.js'
import { fail, ok, type Result } from '../protocol/result.js'
import type { Grant } from './access-list.js'

/** A used invitation, and whom it let in. */
const member = z.strictObject({
  /** Public key, 32 bytes, base64url. */
  key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** The only id that it may use, as typed; null: any that is free. */
  id: z.string().regex(ID_PATTERN).nullable(),
  /** Of the invitation: 8 bytes, base64url. */
  serial: z.string().regex(/^[A-Za-z0-9_-]{11}$/),
  /** When it was used and when it ends, epoch seconds. */
  since: z.number().int().min(0),
  ends: z.number().int().min(0),
  /** It is a member no more. */
  removed: z.boolean(),
})
export type Member = z.infer<typeof member>

export const savedMembers = z.strictObject({ version: z.literal(1), members: z.array(member) })
export type Members = z.infer<typeof savedMembers>

export const NO_MEMBERS: Members = { version: 1, members: [] }

/** `used`: by another key. `withdrawn`: by this one, which was removed since. `idTaken`: another member has its id. */
export type RedeemProblem = 'used' | 'withdrawn' | 'idTaken'

/** Those with `key` let in by a genuine invitation that has not ended; the same object where it is let in already. `now`: epoch seconds. */
export function redeem(all: Members, key: string, invitation: Invitation, now: number): Result<Members, RedeemProblem> {
  const { id, ends } = invitation
  const serial = toBase64url(invitation.serial)
  const before = all.members.find(each => each.serial === serial)
  if (before && before.key !== key) return fail('used', 'Another key used that invitation.')
  if (before?.removed) return fail('withdrawn', 'That invitation was withdrawn.')
  if (before) return ok(all)
  if (id !== null && current(all).some(each => each.id !== null && sameId(each.id, id) && each.key !== key))
    return fail('idTaken', 'Another member has that id.')
  // What was removed is remembered for as long as its invitation would be good.
  const kept = all.members.filter(each => !each.removed || each.ends > now)
  return ok({ version: 1, members: [...kept, { key, id, serial, since: now, ends, removed: false }] })
}

/** Without the members of these keys; their invitations stay used. The same object where there is none. */
export function remove(all: Members, keys: ReadonlySet<string>): Members {
  if (!current(all).some(({ key }) => keys.has(key))) return all
  return { version: 1, members: all.members.map(each => (keys.has(each.key) ? { ...each, removed: true } : each)) }
}

/** Those who are members now. */
export function current(all: Members): readonly Member[] {
  return all.members.filter(({ removed }) => !removed)
}

/** What they may, for an access list. */
export function grantsOf(all: Members): Grant[] {
  return current(all).map(({ key, id }) => ({ key, id }))
}
