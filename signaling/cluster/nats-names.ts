/** Names of a cluster in a bucket of NATS JetStream's key-value store: replicated, on disk, and each claimed once. */
import { JetStreamApiError, jetstream } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { toBase64url } from '../../protocol/bytes.js'
import { reasonOf } from '../../protocol/reason.js'
import type { ClusterClaim, NameStore } from './name-store.js'

const BUCKET = 'voicechat-names'
const DAY_MS = 86_400_000
/** It answers in a few ms; when a node of NATS dies it may stand still for 5 s, and someone may want back to a call. */
const ANSWER_MS = 400
/** JetStream's error for an entry that is there already, or not as it was. */
const WRONG_LAST_SEQUENCE = 10_071
/** JetStream's error where more than one copy is asked of a single server. */
const NO_REPLICAS = 10_074

export interface NatsNamesOptions {
  /** Days without a login after which a name is free. */
  readonly days: number
  /** It does not answer any more, or answers again. */
  readonly report: (answers: boolean, why?: string) => void
}

export class NatsNames implements NameStore {
  readonly #options: NatsNamesOptions
  #connection: NatsConnection | null = null
  #bucket: Promise<KV> | null = null
  #answers = true

  constructor(options: NatsNamesOptions) {
    this.#options = options
  }

  /** From now on it can be asked. */
  use(connection: NatsConnection): void {
    this.#connection = connection
    this.#bucket = null
    // Made now where it is new: that takes longer than anyone should wait.
    this.#open().catch(() => {})
  }

  async claim(id: string, key: string, from?: string): Promise<ClusterClaim> {
    try {
      const claim = await within(ANSWER_MS, this.#claim(entryOf(id), key, from))
      this.#set(true)
      return claim
    } catch (error) {
      this.#set(false, reasonOf(error))
      return 'unreachable'
    }
  }

  #set(answers: boolean, why?: string): void {
    if (this.#answers === answers) return
    this.#answers = answers
    this.#options.report(answers, why)
  }

  async #claim(entry: string, key: string, from?: string): Promise<ClusterClaim> {
    const bucket = await this.#open()
    try {
      await bucket.create(entry, key)
      return 'ours'
    } catch (error) {
      if (!isConflict(error)) throw error
    }
    const known = await bucket.get(entry)
    // It ended in between: whoever is quicker has it.
    if (known?.operation !== 'PUT') return this.#claim(entry, key, from)
    const holder = known.string()
    if (holder !== key && holder !== from) return { holder }
    // The end of an entry counts from when it was last written.
    if (holder === key && Date.now() - known.created.getTime() < DAY_MS) return 'ours'
    try {
      await bucket.update(entry, key, known.revision)
      return 'ours'
    } catch (error) {
      if (!isConflict(error)) throw error
      // Another server was quicker.
      return this.#claim(entry, key, from)
    }
  }

  #open(): Promise<KV> {
    const connection = this.#connection
    if (!connection) return Promise.reject(new Error('not connected'))
    this.#bucket ??= openBucket(connection, this.#options.days).catch((error: Error) => {
      this.#bucket = null
      this.#set(false, error.message)
      throw error
    })
    return this.#bucket
  }
}

/** Three copies, or one where NATS is a single server. */
async function openBucket(connection: NatsConnection, days: number): Promise<KV> {
  const kvm = new Kvm(jetstream(connection, { timeout: 5_000 }))
  const options = { ttl: days * DAY_MS, history: 1 }
  try {
    return await kvm.create(BUCKET, { ...options, replicas: 3 })
  } catch (error) {
    if (codeOf(error) !== NO_REPLICAS) throw error
    return kvm.create(BUCKET, { ...options, replicas: 1 })
  }
}

function entryOf(id: string): string {
  return toBase64url(Buffer.from(id))
}

function isConflict(error: unknown): boolean {
  return codeOf(error) === WRONG_LAST_SEQUENCE
}

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
