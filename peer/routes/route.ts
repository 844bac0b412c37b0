import type { RouteKind } from '../call/events.js'

/** A way to the other side. It carries opaque sealed bytes, unordered and unreliable, and knows nothing of calls. */
export interface Route {
  readonly kind: RouteKind
  /** Sends if it can; a route that can't drops the bytes. Never throws. */
  send(sealed: Uint8Array): void
}
