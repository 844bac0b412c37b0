import type { JsonEvent } from '../../peer/terminal/json-output.js'

/** What voicechat-peer --json writes, a line each. */
export type PeerEvent = JsonEvent

/** Those of one kind, in order. */
export function only<K extends PeerEvent['event']>(kind: K, events: readonly PeerEvent[]) {
  return events.filter((event): event is Extract<PeerEvent, { event: K }> => event.event === kind)
}
