/** The server's log: one line for each event in a session's life. Never payloads, keys, call ids or addresses; ids only where asked for. */
import pino from 'pino'
import type { HubEvent } from './hub-event.js'

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

/** JSON lines on stdout. `always`: stands in each of them. */
export function createLog(always: Readonly<Record<string, unknown>> | null = null): Logger {
  return pino({ base: always, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 1, sync: true }))
}

/** What takes the lines about the hub. */
export interface HubLog {
  readonly log: Logger
  /** For what those do who are not let in. */
  readonly strangers: Warnings
  /** Whether ids are named; without them a connection is told by its number. */
  readonly ids: boolean
}

/** Writes what happened in the hub. */
export function logEvent({ log, strangers, ids }: HubLog, event: HubEvent): void {
  const named = ids ? namesIn(event) : {}
  switch (event.event) {
    case 'online':
      log.info({ connection: event.connection, ...named }, 'online')
      break
    case 'offline':
      log.info({ connection: event.connection, ...named, why: event.why, ...dropped(event.drops) }, 'offline')
      break
    case 'connected':
      log.info({ connections: event.connections, ...named, resumed: event.resumed }, 'establishing connection')
      break
    case 'ended':
      log.info({ connections: event.connections, ...named, why: event.why, ...dropped(event.drops) }, 'call ended')
      break
    case 'refused':
      strangers.warn({ why: event.why, connection: event.connection, ...named }, 'refused')
      break
    case 'closed':
      strangers.warn({ why: event.why, connection: event.connection }, 'closed')
      break
  }
}

function namesIn(event: HubEvent): object {
  if ('ids' in event) return { ids: event.ids }
  return 'id' in event ? { id: event.id } : {}
}

function dropped(drops: object): object {
  return Object.keys(drops).length > 0 ? { dropped: drops } : {}
}
