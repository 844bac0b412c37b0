/** Which of the echo peers calls whom, and who may ask for one. Pure: time and names are handed in. */
import { fail, ok, type Result } from '../protocol/result.js'
import type { Limits } from './limits.js'
import { TokenBuckets } from './token-bucket.js'

export type EchoRefusal = 'noEcho' | 'echoBusy'

export class EchoDesk {
  readonly #busy = new Set<string>()
  readonly #asked: TokenBuckets
  /** In this run of the echo program; null: it doesn't run. */
  #ids: readonly string[] | null = null

  constructor(private readonly limits: Pick<Limits, 'echoCalls' | 'echoesPerAddressPerMinute'>) {
    const { echoesPerAddressPerMinute } = limits
    this.#asked = new TokenBuckets(echoesPerAddressPerMinute / 60, echoesPerAddressPerMinute)
  }

  /** The echo program runs. `run`: a part of its names that no earlier run had, since each run has a key of its own. */
  opens(run: string): void {
    this.#busy.clear()
    this.#ids = Array.from({ length: this.limits.echoCalls }, (_, n) => `echo-${run}-${n + 1}`)
  }

  /** The echo program is gone, and its calls with it. */
  closes(): void {
    this.#ids = null
    this.#busy.clear()
  }

  /** The id of the echo peer that is to call, taken until `ended`. `now`: ms. */
  ask(limitKey: string, now: number): Result<string, EchoRefusal> {
    if (!this.#ids) return fail('noEcho', 'The echo of this server is starting. Try again in a few seconds.')
    if (!this.#asked.take(limitKey, now))
      return fail('echoBusy', 'Too many test calls from your address. Try again in a minute.')
    const id = this.#ids.find(id => !this.#busy.has(id))
    if (id === undefined) return fail('echoBusy', 'The echo of this server is in other calls. Try again in a minute.')
    this.#busy.add(id)
    return ok(id)
  }

  ended(id: string): void {
    this.#busy.delete(id)
  }
}
