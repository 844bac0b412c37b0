/** Two connections that signal to each other, and what they tell. */
import type { Connect, Connection, ConnectionEvents, IceServer, Signal } from '../../../peer/routes/connection.js'

export interface End {
  readonly connection: Connection
  readonly received: Uint8Array[]
  /** Names of all that it told, in order; messages and candidates left out. */
  readonly told: string[]
}

export interface PairOptions {
  /** What becomes of a signal on its way; null: lost. */
  readonly onTheWay?: (signal: Signal, from: 'a' | 'b') => Signal | null
  /** Throws in these. */
  readonly throwsIn?: readonly (keyof ConnectionEvents)[]
  readonly servers?: readonly IceServer[]
}

/** Both made, neither started; `a` is to be the initiator. */
export function connectionPair(
  connects: readonly [Connect, Connect],
  { onTheWay, throwsIn = [], servers = [] }: PairOptions = {},
) {
  const ends: End[] = []
  for (const [i, connect] of connects.entries()) {
    const received: Uint8Array[] = []
    const told: string[] = []
    const tell = (event: keyof ConnectionEvents, words: string = event) => {
      told.push(words)
      if (throwsIn.includes(event)) throw new Error(`thrown in ${event}`)
    }
    const connection = connect(
      {
        signal(signal) {
          const changed = onTheWay ? onTheWay(signal, i === 0 ? 'a' : 'b') : signal
          if (signal.kind !== 'candidate') tell('signal', signal.kind)
          if (changed) setImmediate(() => ends[1 - i]?.connection.signal(changed))
        },
        open: () => tell('open'),
        message(bytes) {
          received.push(bytes)
          if (throwsIn.includes('message')) throw new Error('thrown in message')
        },
        failed: why => tell('failed', `failed: ${why}`),
      },
      servers,
    )
    ends.push({ connection, received, told })
  }
  const [a, b] = ends as [End, End]
  return {
    a,
    b,
    start() {
      b.connection.start(false)
      a.connection.start(true)
    },
    close() {
      for (const { connection } of ends) connection.close()
    },
    isOpen: () => ends.every(({ told }) => told.includes('open')),
  }
}

/** Waits until it is so, or says false when it still is not after `ms`. */
export async function until(isSo: () => boolean, ms = 15_000): Promise<boolean> {
  for (const latest = performance.now() + ms; !isSo(); ) {
    if (performance.now() > latest) return false
    await pause(5)
  }
  return true
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
