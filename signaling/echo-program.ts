/**
 * Keeps the echo program (peer/echo/main.ts) running beside the server, as a process of its own: the server knows no keys
 * and no peers, and what happens to the echo does not happen to it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type EchoOrder, parseEchoNews } from '../protocol/echo.js'
import type { Result } from '../protocol/result.js'
import { EchoDesk, type EchoRefusal } from './echo-desk.js'
import type { Limits } from './limits.js'
import type { Logger } from './log.js'

export interface EchoProgramOptions {
  /** How the program dials this server. */
  readonly url: string
  readonly limits: Limits
  readonly log: Logger
  readonly now: () => number
  /** It runs, with this key (public, base64url): another one in each run. */
  readonly runs?: (key: string) => void
  /** Path of another program, for tests. */
  readonly script?: string
}

/** It is started again after so long, ms: twice as long after each time that it did not even come up. */
const AGAIN_MS = 1_000
const MOST_AGAIN_MS = 60_000
/** Who asked for a call has so long to come, ms. */
const WAIT_MS = 15_000

export class EchoProgram {
  readonly #options: EchoProgramOptions
  readonly #desk: EchoDesk
  #child: ChildProcess | null = null
  #timer: NodeJS.Timeout | undefined
  #againMs = AGAIN_MS
  #closed = false

  constructor(options: EchoProgramOptions) {
    this.#options = options
    this.#desk = new EchoDesk(options.limits)
    this.#start()
  }

  /** Has an echo peer call `to`; its id, or why not. `limitKey`: the address that asked, as limits count it. */
  call(to: string, limitKey: string): Result<string, EchoRefusal> {
    const { now, url, limits } = this.#options
    const asked = this.#desk.ask(limitKey, now())
    if (asked.ok) {
      const order: EchoOrder = { do: 'call', url, id: asked.value, to, waitMs: WAIT_MS, forMs: limits.echoCallMs }
      this.#child?.stdin?.write(`${JSON.stringify(order)}\n`)
    }
    return asked
  }

  /** Ends it. May be called twice. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#child?.kill('SIGKILL')
  }

  #start(): void {
    const { log, script = fileURLToPath(new URL('../peer/echo/main.js', import.meta.url)) } = this.#options
    // It dials this machine itself: never through a proxy.
    const env = { ...process.env, NO_PROXY: '*', no_proxy: '*' }
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'], env })
    this.#child = child
    let over = false
    const ended = (why: string | number | null) => {
      if (over) return
      over = true
      this.#child = null
      this.#desk.closes()
      if (this.#closed) return
      log.warn({ why, againInMs: this.#againMs }, 'echo ended')
      this.#timer = setTimeout(() => this.#start(), this.#againMs)
      this.#againMs = Math.min(MOST_AGAIN_MS, 2 * this.#againMs)
    }
    // An order to a program that has just died.
    child.stdin.on('error', () => {})
    child.on('error', ({ message }) => ended(message))
    child.on('exit', (code, signal) => ended(signal ?? code))
    createInterface({ input: child.stdout }).on('line', line => {
      const news = parseEchoNews(line)
      if (!news.ok || over) return
      if (news.value.event === 'ended') this.#desk.ended(news.value.id)
      else {
        this.#againMs = AGAIN_MS
        this.#options.runs?.(news.value.key)
        this.#desk.opens(randomBytes(3).toString('hex'))
        log.info({ pid: child.pid }, 'echo ready')
      }
    })
  }
}
