/** The workers of a server: starts them, and again when they end, hands connections to them, and passes on what they say to each other. */
import { type ChildProcess, fork } from 'node:child_process'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { answer } from '../answer.js'
import type { Newcomer } from '../entrance.js'
import { chooseWorker } from './choose-worker.js'
import { Exchange } from './exchange.js'
import type { NameKeeper } from './name-keeper.js'
import type { FromWorker, ToWorker, WorkerStart } from './worker-message.js'

/** A worker that ended is started again after so long, ms. */
const AGAIN_MS = 1_000
/** Time for all workers to hear that all are to end, ms. */
const HEAR_MS = 100
const METRICS_MS = 2_000

const SCRIPT = fileURLToPath(new URL('./worker.js', import.meta.url))

interface Worker {
  readonly number: number
  process: ChildProcess | null
  ready: boolean
  peers: number
  calls: number
  /** Connections on their way to it, until it says that it has them: when a process ends, Node drops what it sent and tells nobody. */
  readonly handing: Map<number, Socket>
}

export class Workers {
  readonly #workers: Worker[]
  readonly #begin: (number: number) => WorkerStart
  readonly #names: NameKeeper
  readonly #exchange: Exchange
  readonly #warn: (fields: object, message: string) => void
  readonly #waiting = new Set<() => void>()
  readonly #metrics = new Map<number, Map<number, object[]>>()
  #turn = 0
  #questions = 0
  #handed = 0
  #drained = 0
  #closed = false

  /** Starts `count` of them. `begin`: what the one of a number is told at its start. `warn`: into the log. */
  constructor(
    count: number,
    begin: (number: number) => WorkerStart,
    names: NameKeeper,
    warn: (fields: object, message: string) => void,
  ) {
    this.#begin = begin
    this.#names = names
    this.#warn = warn
    this.#exchange = new Exchange((worker, message) => this.#tell(worker, message))
    this.#workers = Array.from({ length: count }, (_, number) => ({
      number,
      process: null,
      ready: false,
      peers: 0,
      calls: 0,
      handing: new Map(),
    }))
    for (const worker of this.#workers) this.#start(worker)
  }

  get figures(): { readonly peers: number; readonly calls: number } {
    const sum = (of: (worker: Worker) => number) => this.#workers.reduce((all, worker) => all + of(worker), 0)
    return { peers: sum(({ peers }) => peers), calls: sum(({ calls }) => calls) }
  }

  /** Resolves when all can take connections. */
  ready(): Promise<void> {
    return this.#until(() => this.#workers.every(({ ready }) => ready))
  }

  take({ request, stream, rest, key }: Newcomer): void {
    const ready = this.#workers.map(worker => worker.ready)
    const number = chooseWorker(request.url ?? '', ready, this.#turn++)
    const worker = number === null ? null : this.#workers[number]
    if (!worker?.process || !(stream instanceof Socket)) {
      answer(stream, '503 Service Unavailable')
      return
    }
    const { url = '/', headers } = request
    const n = this.#handed++
    const message: ToWorker = { type: 'connection', n, url, headers, rest, key }
    worker.handing.set(n, stream)
    readNoMore(stream)
    worker.process.send(message, stream, { keepOpen: true }, error => {
      if (error) letGo(worker, n)
    })
  }

  tellAll(message: ToWorker): void {
    for (const { number } of this.#workers) this.#tell(number, message)
  }

  /** What each worker has counted. */
  async metrics(): Promise<object[][]> {
    const n = this.#questions++
    const answers = new Map<number, object[]>()
    this.#metrics.set(n, answers)
    const asked = this.#workers.filter(({ ready }) => ready).length
    this.tellAll({ type: 'metrics', n })
    await Promise.race([this.#until(() => answers.size >= asked), sleep(METRICS_MS, undefined, { ref: false })])
    this.#metrics.delete(n)
    return [...answers.values()]
  }

  async drain(): Promise<void> {
    this.tellAll({ type: 'draining' })
    await sleep(HEAR_MS)
    this.#drained = 0
    this.tellAll({ type: 'drain' })
    await this.#until(() => this.#drained >= this.#running)
  }

  async close(restarting: boolean): Promise<void> {
    this.#closed = true
    this.tellAll({ type: 'close', restarting })
    await this.#until(() => this.#running === 0)
  }

  get #running(): number {
    return this.#workers.filter(worker => worker.process !== null).length
  }

  #start(worker: Worker): void {
    // Options of Node itself are for this process; NODE_OPTIONS is for all.
    const child = fork(SCRIPT, { serialization: 'advanced', execArgv: [] })
    worker.process = child
    child.on('message', (message: FromWorker) => this.#hear(worker, message))
    child.on('error', () => {})
    child.on('exit', (code, signal) => {
      Object.assign(worker, { process: null, ready: false, peers: 0, calls: 0 })
      for (const n of [...worker.handing.keys()]) letGo(worker, n)
      this.#exchange.forget(worker.number)
      this.#look()
      if (this.#closed) return
      this.#warn({ worker: worker.number, why: signal ?? code, againInMs: AGAIN_MS }, 'worker ended')
      setTimeout(() => {
        if (!this.#closed) this.#start(worker)
      }, AGAIN_MS)
    })
    this.#tell(worker.number, { type: 'start', ...this.#begin(worker.number) })
  }

  #tell(number: number, message: ToWorker): void {
    const child = this.#workers[number]?.process
    if (child?.connected) child.send(message)
  }

  #hear(worker: Worker, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        worker.ready = true
        break
      case 'taken':
        letGo(worker, message.n)
        return
      case 'figures':
        worker.peers = message.peers
        worker.calls = message.calls
        break
      case 'metrics':
        this.#metrics.get(message.n)?.set(worker.number, message.metrics)
        break
      case 'drained':
        this.#drained++
        break
      case 'claim':
        void this.#names
          .claim(message.id, message.key, message.from)
          .then(claim => this.#tell(worker.number, { type: 'claimed', n: message.n, claim }))
        break
      default:
        this.#exchange.hear(worker.number, message)
        return
    }
    this.#look()
  }

  #until(done: () => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        if (!done()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }
}

/** Closes what this process has of a connection. It ends unless the worker has it. */
function letGo({ handing }: Worker, n: number): void {
  handing.get(n)?.destroy()
  handing.delete(n)
}

/**
 * Until a worker has said that it has a connection this process would read on, and nobody would get that: the login of whoever is quick. No
 * public method of Node stops it (`pause` lets the system's handle read on).
 */
function readNoMore(stream: Socket): void {
  const { _handle: handle } = stream as { readonly _handle?: { readStop(): void } | null }
  handle?.readStop()
}
