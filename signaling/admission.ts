/** Who may come into a private server: keys on its access list, members, and whoever brings an invitation. Decides; reads no file. */
import { sameId } from '../protocol/id.js'
import { type Invitation, openInvitation } from '../protocol/invitation.js'
import type { Result } from '../protocol/result.js'
import { AccessList, type Grant } from './access-list.js'
import { type LoginProblem, taken } from './login-problem.js'
import { grantsOf, type Members, NO_MEMBERS, type RedeemProblem, redeem } from './members.js'

/** A login whose key has proved itself, as far as it matters here. */
export interface Applicant {
  readonly id: string
  /** Public key, base64url. */
  readonly key: string
  readonly invitation?: string | undefined
}

/** Where members are kept. */
export interface MemberStore {
  /** Replaces the members by what `change` makes of them, lastingly, and gives them back. Throws when they can't be kept. */
  update(change: (now: Members | null) => Members): Members
}

export interface AdmissionParts {
  /** The server's public key for invitations, and where it keeps who came with one; absent: it takes none. */
  readonly invitations?: { readonly publicKey: Uint8Array; readonly store: MemberStore }
  /** Somebody became a member, as this id. */
  readonly joined?: (id: string) => void
  /** The members could not be kept: for the log. */
  readonly onProblem?: (error: unknown) => void
}

export class Admission {
  readonly #parts: AdmissionParts
  #listed: readonly Grant[] = []
  #members: Members = NO_MEMBERS
  /** A key of the server's own programs. */
  #own: readonly Grant[] = []
  #list = new AccessList([])

  constructor(parts: AdmissionParts = {}) {
    this.#parts = parts
  }

  /** What the operator's list says from now on. It counts more than who was invited. */
  setListed(listed: readonly Grant[]): void {
    this.#listed = listed
    this.#renew()
  }

  setMembers(members: Members): void {
    this.#members = members
    this.#renew()
  }

  /** The key of the echo that runs beside the server; it replaces the one before. */
  setOwn(key: string): void {
    this.#own = [{ key, id: null }]
    this.#renew()
  }

  /** Whether a key may use an id now. */
  allows(id: string, key: string): boolean {
    return this.#list.allows(id, key)
  }

  /** Why an applicant may not come in; null: it may, maybe by its invitation. `now`: epoch ms. */
  check(applicant: Applicant, now: number): LoginProblem | null {
    const found = this.allows(applicant.id, applicant.key) ? null : this.#invitationOf(applicant, now)
    return found && 'problem' in found ? found.problem : null
  }

  /** Lets an applicant in, and makes it a member if it comes by an invitation; else as `check`. */
  admit(applicant: Applicant, now: number): LoginProblem | null {
    const { id, key } = applicant
    if (this.allows(id, key)) return null
    const found = this.#invitationOf(applicant, now)
    if ('problem' in found) return found.problem
    let outcome: Result<Members, RedeemProblem> | undefined
    try {
      const members = this.#parts.invitations!.store.update(before => {
        const members = before ?? this.#members
        outcome = redeem(members, key, found.invitation, seconds(now))
        return outcome.ok ? outcome.value : members
      })
      this.setMembers(members)
    } catch (error) {
      this.#parts.onProblem?.(error)
      return ['tooMany', 'This server cannot keep your invitation now. Try again later.']
    }
    // Removed by another program in between.
    if (outcome?.ok === false) return sentenceFor(outcome.error.name, applicant).problem
    this.#parts.joined?.(id)
    return null
  }

  #renew(): void {
    this.#list = new AccessList([...this.#own, ...this.#listed, ...grantsOf(this.#members)])
  }

  /** The invitation of someone who may not come in without, if it is good for that. */
  #invitationOf(applicant: Applicant, now: number): Found {
    const { id, key, invitation: token } = applicant
    const { invitations } = this.#parts
    const reserved = this.#list.idOf(key)
    if (token === undefined) return reserved === undefined ? stranger(key) : onlyId(reserved)
    if (!invitations)
      return notAllowed(`This server takes no invitations. Ask the person who runs it; your key is ${key}`)
    const opened = openInvitation(invitations.publicKey, token)
    if (!opened.ok)
      return opened.error.name === 'otherServer'
        ? notAllowed('This invitation is for another server. Check the address of the server, or ask for a new one.')
        : notAllowed('This invitation is not genuine, or not whole. Copy it again, all of it, or ask for a new one.')
    const { ends, id: onlyFor } = opened.value
    if (ends * 1000 <= now)
      return notAllowed(`This invitation ended at ${new Date(ends * 1000).toISOString()}. Ask for a new one.`)
    if (onlyFor !== null && !sameId(onlyFor, id))
      return notAllowed(`This invitation is for the id ${onlyFor}. Use that one, or ask for an invitation for ${id}.`)
    const redeemed = redeem(this.#members, key, opened.value, seconds(now))
    if (!redeemed.ok) return sentenceFor(redeemed.error.name, applicant)
    return this.#list.ownerOf(id) === undefined ? { invitation: opened.value } : { problem: taken({ id }) }
  }
}

type Found = { readonly invitation: Invitation } | Refused
interface Refused {
  readonly problem: LoginProblem
}

function stranger(key: string): Refused {
  return notAllowed(`This server is private. Ask the person who runs it for an invitation; your key is ${key}`)
}

function onlyId(id: string): Refused {
  return notAllowed(`Your key is for the id ${id} on this server. Use that one, or ask the person who runs it.`)
}

function sentenceFor(problem: RedeemProblem, { id, key }: Applicant): Refused {
  switch (problem) {
    case 'used':
      return notAllowed(`Somebody else has used this invitation already. Ask for a new one; your key is ${key}`)
    case 'withdrawn':
      return notAllowed('The person who runs this server has withdrawn your invitation. Ask for a new one.')
    case 'idTaken':
      return { problem: taken({ id }) }
  }
}

function notAllowed(message: string): Refused {
  return { problem: ['notAllowed', message] }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
