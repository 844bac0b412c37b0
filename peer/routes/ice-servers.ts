import type { IceServers } from '../../protocol/ice.js'
import type { IceServer } from './connection.js'

/** What a server offers, as engines take it. Its own STUN is where it was dialled: `origin`, `ws://host:port`. Null: none said anything. */
export function iceServersAt(
  offer: { readonly origin: string; readonly offered: IceServers } | null,
): readonly IceServer[] {
  if (!offer) return []
  const { origin, offered } = offer
  const { hostname } = new URL(origin)
  const stun = offered.stunPort === null ? [] : [{ url: `stun:${hostname}:${offered.stunPort}` }]
  return [...stun, ...offered.turn]
}
