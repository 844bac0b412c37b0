/**
 * TURN credentials that end by themselves, for a TURN server that shares a secret with this one: coturn's
 * `use-auth-secret` (draft-uberti-behave-turn-rest-00). That server needs no list of people, and what a peer is given is
 * of no use an hour later.
 */
import { createHmac } from 'node:crypto'
import type { TurnServer } from '../protocol/ice.js'

/** The longest that credentials are good for, ms. */
export const MAX_TURN_LIFETIME_MS = 3_600_000

export interface TurnCredentials {
  readonly username: string
  readonly credential: string
}

/** The TURN servers and what they share with this one. */
export interface TurnSettings {
  readonly urls: readonly string[]
  readonly secret: string
}

/**
 * Credentials of `id`, which is in lower case, so that a TURN server's quota counts a person once.
 *
 * @param now epoch ms of the calendar: the TURN server reads the expiry on its own clock
 */
export function turnCredentials(
  secret: string,
  id: string,
  now: number,
  lifetimeMs = MAX_TURN_LIFETIME_MS,
): TurnCredentials {
  const expiry = Math.floor((now + Math.min(lifetimeMs, MAX_TURN_LIFETIME_MS)) / 1000)
  const username = `${expiry}:${id}`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}

/** Each server with the same credentials: they share one secret. */
export function turnServers({ urls, secret }: TurnSettings, id: string, now: number, lifetimeMs: number): TurnServer[] {
  const credentials = turnCredentials(secret, id, now, lifetimeMs)
  return urls.map(url => ({ url, ...credentials }))
}
