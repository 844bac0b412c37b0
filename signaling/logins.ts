/** Logins: who may come in under which id. Whether a holder of the id is online already is for the hub. */
import { fromBase64url } from '../protocol/bytes.js'
import type { Clock } from '../protocol/clock.js'
import { canonicalId } from '../protocol/id.js'
import type { Verify } from '../protocol/identity.js'
import { verifyLogin } from '../protocol/login.js'
import { counterpartOf, isGuest, isRendezvous } from '../protocol/rendezvous.js'
import type { Admission } from './admission.js'
import type { Login } from './connection.js'
import type { Limits } from './limits.js'
import { type LoginProblem, taken, uninvited } from './login-problem.js'
import type { Names } from './names.js'
import { Rendezvous } from './rendezvous.js'
import { TokenBuckets } from './token-bucket.js'

export interface LoginsOptions {
  readonly clock: Clock
  readonly originAllowed: (origin: string) => boolean
  readonly names: Names
  readonly limits: Limits
  /** What checks signatures; plain TypeScript unless given. */
  readonly verify?: Verify
  /** Who may come in; absent: everybody. */
  readonly admission?: Admission
}

/** A login that claimed its id, or why it could not. */
export type ClaimOutcome = 'bound' | 'known' | LoginProblem

export class Logins {
  readonly #options: LoginsOptions
  readonly #addressLogins: TokenBuckets
  readonly #idLogins: TokenBuckets
  readonly #newNames: TokenBuckets
  readonly #rendezvous: Rendezvous
  readonly #startedAt: number

  constructor(options: LoginsOptions) {
    const { loginsPerAddressPerMinute, loginsPerIdPerMinute, newNamesPerAddressPerHour } = options.limits
    this.#options = options
    this.#addressLogins = new TokenBuckets(loginsPerAddressPerMinute / 60, loginsPerAddressPerMinute)
    this.#idLogins = new TokenBuckets(loginsPerIdPerMinute / 60, loginsPerIdPerMinute)
    this.#newNames = new TokenBuckets(newNamesPerAddressPerHour / 3600, newNamesPerAddressPerHour)
    this.#rendezvous = new Rendezvous(options.limits)
    this.#startedAt = options.clock.now()
  }

  /** Rendezvous ids that are held. */
  get rendezvous(): number {
    return this.#rendezvous.size
  }

  /** What is wrong with a login that answers `challenge`, or null. */
  check({ id, origin, ...login }: Login, challenge: Uint8Array, limitKey: string): LoginProblem | null {
    const now = this.#options.clock.now()
    if (!this.#addressLogins.take(limitKey, now))
      return ['tooMany', 'Too many logins from your address. Try again in a minute.']
    if (!this.#options.originAllowed(origin)) {
      const shown = origin.slice(0, 150)
      return ['badOrigin', `This server is not known as ${shown}. If it is yours, start it with --public-url ${shown}`]
    }
    const key = fromBase64url(login.key)
    const session = fromBase64url(login.session)
    const signature = fromBase64url(login.signature)
    const { verify } = this.#options
    if (!key || !session || !signature || !verifyLogin(key, { origin, id, challenge, session }, signature, verify))
      return ['badLogin', 'The signature of the login does not fit its key.']
    // Counted for id and key together, after the proof: nobody can use up the logins of another.
    if (!this.#idLogins.take(`${canonicalId(id)} ${login.key}`, now))
      return ['tooMany', 'Too many logins with this id. Try again in a minute.']
    return this.#admit('check', { id, origin, ...login }, now)
  }

  /**
   * Whether a key may be here with an id now. Of a private server also a guest of a one-time call may: a member, who alone can hold the
   * other id, made the code and told it.
   */
  allows(id: string, key: string): boolean {
    const { admission, clock } = this.#options
    if (!admission || admission.allows(id, key)) return true
    return isGuest(id) && this.#rendezvous.isHeld(counterpartOf(id) ?? '', clock.now())
  }

  /** Claims the id of a checked login for its key. `bound`: it was nobody's. */
  claim(login: Login, limitKey: string): ClaimOutcome {
    const { clock, names, admission } = this.#options
    const now = clock.now()
    if (isRendezvous(login.id)) return this.#admit('admit', login, now) ?? this.#claimRendezvous(login, limitKey, now)
    let holder = names.holderOf(login.id, now)
    if (holder !== undefined && holder !== login.key) {
      if (admission?.allows(login.id, holder) !== false) return taken(login)
      // Its holder was taken off the list, or the id was given to another key there.
      names.release(login.id)
      holder = undefined
    }
    if (holder === undefined && !this.#newNames.take(limitKey, now))
      return ['tooMany', 'Too many new ids from your address. Try again later.']
    const problem = this.#admit('admit', login, now)
    if (problem) return problem
    const claim = names.claim(login.id, login.key, now)
    if (claim === 'taken') return taken(login)
    return claim === 'full' ? ['tooMany', 'This server has no room for new ids. Use another server.'] : claim
  }

  /** The holder of an id went offline. */
  left(id: string, key: string): void {
    const { clock, names } = this.#options
    const now = clock.now()
    if (isRendezvous(id)) this.#rendezvous.left(id, now)
    // It may have lost the id meanwhile.
    else if (names.holderOf(id, now) === key) names.claim(id, key, now)
  }

  /** Why a login may not come in. Nobody becomes a member as a guest: the keys of guests are of the moment. */
  #admit(how: 'check' | 'admit', login: Login, now: number): LoginProblem | null {
    const { admission, limits } = this.#options
    if (!admission || this.allows(login.id, login.key)) return null
    if (isGuest(login.id)) return uninvited(login, now - this.#startedAt < limits.rendezvousHoldMs)
    return admission[how](login, now)
  }

  #claimRendezvous(login: Login, limitKey: string, now: number): ClaimOutcome {
    switch (this.#rendezvous.claim(login.id, login.key, limitKey, now)) {
      case 'held':
        return 'known'
      case 'taken':
        return taken(login)
      case 'tooMany':
        return ['tooMany', 'Too many one-time calls from your address. Try again in a minute.']
      case 'full':
        return ['tooMany', 'This server has no room for more one-time calls. Try again in a minute.']
    }
  }
}
