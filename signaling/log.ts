/** The server's log: one line for each event in a session's life. Never payloads, keys, call ids or full addresses. */
import pino from 'pino'
import type { HubEvent } from './hub.js'

/** What the server needs of a logger; pino's fits. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Takes warnings about what strangers do. `why` is one of a fixed set of names. */
export interface Warnings {
  warn(fields: { readonly why: string; readonly [name: string]: unknown }, message: string): void
}

export const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} }

/** JSON lines on stdout. */
export function createLog(): Logger {
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 1, sync: true }))
}

/** Writes what happened in the hub; `strangers` takes what those do who are not let in. */
export function logEvent(log: Logger, strangers: Warnings, event: HubEvent): void {
  switch (event.event) {
    case 'online':
      log.info({ id: event.id, address: event.address }, 'online')
      break
    case 'offline':
      log.info({ id: event.id, why: event.why, ...dropped(event.drops) }, 'offline')
      break
    case 'connected':
      log.info({ ids: event.ids, resumed: event.resumed }, 'establishing connection')
      break
    case 'ended':
      log.info({ ids: event.ids, why: event.why, ...dropped(event.drops) }, 'call ended')
      break
    case 'refused':
      strangers.warn({ why: event.why, ...(event.id && { id: event.id }), address: event.address }, 'refused')
      break
    case 'closed':
      strangers.warn({ why: event.why, address: event.address }, 'closed')
      break
  }
}

function dropped(drops: object): object {
  return Object.keys(drops).length > 0 ? { dropped: drops } : {}
}
