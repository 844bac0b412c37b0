import type { IceServers } from '../../protocol/ice.js'
import type { IceServer } from './connection.js'

/** What a server offers, as engines take it. Its own STUN is where it was dialled: `origin`, `ws://host:port`. Null: it said nothing. */
export function iceServersAt(origin: string, offered: IceServers | null): readonly IceServer[] {
  if (!offered) return []
  const { hostname } = new URL(origin)
  const stun = offered.stunPort === null ? [] : [{ url: `stun:${hostname}:${offered.stunPort}` }]
  return [...stun, ...offered.turn]
}
