import type { Connect, ConnectionEvents } from '../../../peer/routes/connection.js'

/** Engines whose two ends find each other in this process. `fails`: why not; `opens` false: they wait for ever. */
export function inMemoryConnect(fails = '', opens = true): Connect {
  const started: { events: ConnectionEvents; over: boolean }[] = []
  return events => {
    const end = { events, over: false }
    return {
      start() {
        if (fails) setImmediate(() => events.failed(fails))
        started.push(end)
        if (!opens || fails || started.length < 2) return
        for (const { events } of started) setImmediate(() => events.open())
      },
      signal() {},
      send(bytes) {
        const other = started.find(one => one !== end)
        if (other && !other.over) setImmediate(() => other.events.message(bytes))
      },
      path: () => null,
      close() {
        end.over = true
      },
    }
  }
}
