import { sameId } from '../protocol/id.js'
import { counterpartOf } from '../protocol/rendezvous.js'
import { fail } from '../protocol/result.js'
import type { Calls } from './calls.js'
import { Connection, type Request } from './connection.js'
import type { HubCore } from './hub-core.js'
import type { HubOptions } from './hub-options.js'
import type { Meter } from './meter.js'
import type { Relay } from './relay.js'
import type { Seat } from './seat.js'

const NO_ECHO =
  'This server has no echo. Start it with voicechat-server --echo, or leave --server away to test on this machine.'

export interface RequestsParts {
  readonly meter: Meter
  readonly relay: Relay
  readonly calls: Calls
  readonly echo: HubOptions['echo']
}

/** What peers ask for once they are online. */
export class Requests {
  /** The server ends soon: new calls wait for the next one. */
  draining = false
  readonly #core: HubCore
  readonly #parts: RequestsParts

  constructor(core: HubCore, parts: RequestsParts) {
    this.#core = core
    this.#parts = parts
  }

  handle(seat: Seat, request: Request): void {
    const { cluster, lobby } = this.#core
    if (cluster?.gateway.request(seat, request)) return
    switch (request.type) {
      case 'call':
        this.#call(seat, request)
        return
      case 'pass':
        this.#pass(seat, request)
        return
      case 'leave':
        this.#parts.calls.run(lobby.leave(seat.id, request.reason))
        return
      case 'echo':
        this.#echo(seat)
    }
  }

  #call(seat: Seat, { to, resume }: Extract<Request, { type: 'call' }>): void {
    const { cluster, lobby } = this.#core
    const counterpart = counterpartOf(seat.id)
    if (counterpart !== null && !sameId(to, counterpart)) {
      seat.error('notAllowed', `This id is for a one-time call, with ${counterpart} alone.`)
      return
    }
    if (this.draining && resume === undefined) {
      // It comes back with the next server, and names the other side again.
      seat.error('draining', 'This server is about to restart: your call has to wait a moment.', false)
      return
    }
    // A call that is here goes on, whatever is used up.
    if (resume === undefined || lobby.callOf(to) !== resume) {
      const refusal = this.#parts.meter.refusal(seat, resume !== undefined)
      if (refusal !== null) {
        seat.error('quotaUsedUp', refusal)
        return
      }
    }
    const result = lobby.call(seat.id, to, resume)
    if (!result.ok) {
      seat.error(result.error.name, result.error.message)
      return
    }
    this.#parts.calls.run(result.value)
    if (lobby.callOf(seat.id) === null) cluster?.mailboxes.named(seat)
  }

  #pass(seat: Seat, { callId, data }: Extract<Request, { type: 'pass' }>): void {
    const { calls, relay } = this.#parts
    const result = this.#core.lobby.pass(seat.id, callId, data)
    if (result.ok) calls.run(result.value)
    else seat.error(result.error.name, result.error.message, !relay.justEnded(seat))
  }

  #echo(seat: Seat): void {
    const limitKey = seat instanceof Connection ? seat.limitKey : ''
    const echo = this.#parts.echo?.(seat.id, limitKey) ?? fail('noEcho', NO_ECHO)
    if (echo.ok) seat.tell({ type: 'echo', peer: echo.value })
    else seat.error(echo.error.name, echo.error.message)
  }
}
