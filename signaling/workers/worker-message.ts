/**
 * What the processes of one server say to each other, over Node's channel between a parent and its children: each trusts the other with all
 * of it. Bytes are Uint8Arrays ("advanced" serialization).
 */
import type { ClusterClaim } from '../cluster/name-store.js'
import type { ServerOptions } from '../server-options.js'

/** What a worker is made of. Functions can't be sent: it has a log and figures of its own. */
export interface WorkerStart {
  readonly options: Omit<ServerOptions, 'log' | 'metrics' | 'metricsListen' | 'stateDir' | 'echo'>
  readonly number: number
  readonly stunPort: number | null
  readonly otherStunPort: number | null
  /** Origins that a login may name. */
  readonly origins: readonly string[]
}

/** What it takes to answer a request for a websocket, whose socket comes with it. */
export interface Handed {
  /** Its number, of those that were handed over. */
  readonly n: number
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rest: Uint8Array
  readonly key: string
}

export type FromWorker =
  | { readonly type: 'ready' }
  /** It has the connection of that number. */
  | { readonly type: 'taken'; readonly n: number }
  | { readonly type: 'figures'; readonly peers: number; readonly calls: number }
  | { readonly type: 'metrics'; readonly n: number; readonly metrics: object[] }
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly subject: string }
  | { readonly type: 'publish'; readonly subject: string; readonly bytes: Uint8Array }
  | { readonly type: 'request'; readonly subject: string; readonly bytes: Uint8Array; readonly n: number }
  | { readonly type: 'answer'; readonly worker: number; readonly n: number; readonly bytes: Uint8Array }
  | {
      readonly type: 'claim'
      readonly id: string
      readonly key: string
      readonly from: string | undefined
      readonly n: number
    }
  | { readonly type: 'drained' }

export type ToWorker =
  | ({ readonly type: 'start' } & WorkerStart)
  | ({ readonly type: 'connection' } & Handed)
  | { readonly type: 'message'; readonly subject: string; readonly bytes: Uint8Array; readonly asks?: Asker }
  | { readonly type: 'answer'; readonly n: number; readonly bytes: Uint8Array | null }
  | { readonly type: 'claimed'; readonly n: number; readonly claim: ClusterClaim }
  | { readonly type: 'metrics'; readonly n: number }
  | { readonly type: 'reload' }
  /** It is to end soon, as all others are: said to all before any of them is to `drain`. */
  | { readonly type: 'draining' }
  | { readonly type: 'drain' }
  | { readonly type: 'close'; readonly restarting: boolean }

/** Who waits for an answer: a worker, and its number for the question. */
export interface Asker {
  readonly worker: number
  readonly n: number
}
