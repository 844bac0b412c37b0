import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * How long is waited for what should come at once, unless a test says otherwise, ms: a machine may have other work. Less than a server that
 * is told to end may wait for calls.
 */
const PATIENCE_MS = 25_000

export interface ProgramOptions {
  /** For messages of failed tests. */
  readonly name: string
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** The program is killed after this many ms; 2 minutes if not given. */
  readonly limitMs?: number
  /** Put before the program and its arguments, for a network namespace for example; it must become the program, not start it. */
  readonly within?: readonly string[]
  /** Options of Node itself, `--cpu-prof` for example. */
  readonly nodeArgs?: readonly string[]
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * A Node program as a real process: its JSON lines, its other output, its exit code. It never outlives the test process (see leash.ts).
 * `E`: what its JSON lines are; they are trusted to be that.
 */
export class Program<E extends object> {
  /** The JSON lines of stdout so far, in order. */
  readonly events: E[] = []
  /** Lines of stdout that are no JSON objects. */
  readonly strays: string[] = []
  /** All of stderr so far. */
  stderr = ''
  /** When it was started, epoch ms. */
  readonly startedAt = Date.now()
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  readonly #name: string
  readonly #waiting = new Set<() => void>()
  #exit: Exit | undefined

  /** `script`: path of a JavaScript file; rejects nothing here: a script that is missing shows as an exit. */
  constructor(
    script: string,
    args: readonly string[],
    { name, env = {}, cwd, limitMs = 120_000, within = [], nodeArgs = [] }: ProgramOptions,
  ) {
    this.#name = name
    const leash = new URL(`./leash.js?ms=${limitMs}`, import.meta.url).href
    const node = [process.execPath, '--enable-source-maps', ...nodeArgs, '--import', leash, script, ...args]
    const [command, ...rest] = [...within, ...node]
    const child = spawn(command!, rest, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    })
    this.#child = child
    // A program that has ended takes no more input: that is for the test to find out by its exit.
    child.stdin!.on('error', () => {})
    child.stdio[3]?.on('error', () => {})
    createInterface({ input: child.stdout! }).on('line', line => this.#take(line))
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.exited = new Promise(resolve => {
      const done = (exit: Exit) => {
        this.#exit = exit
        resolve(exit)
        this.#wake()
      }
      child.on('error', () => done({ code: null, signal: null }))
      child.on('close', (code, signal) => done({ code, signal }))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get running(): boolean {
    return this.#exit === undefined
  }

  /**
   * The first JSON line that matches, of those already there (from number `from` on) or to come. Rejects after `timeoutMs`, or when
   * the program ends first; the message tells what it did instead.
   */
  event(match: (event: E) => boolean, timeoutMs = PATIENCE_MS, from = 0): Promise<E> {
    let seen = from
    return this.#until(`an event that matches ${match}`, timeoutMs, () => {
      while (seen < this.events.length) {
        const event = this.events[seen++]!
        if (match(event)) return event
      }
      return undefined
    })
  }

  /** Waits for text on stderr. Rejects as `event` does. */
  says(text: string | RegExp, timeoutMs = PATIENCE_MS): Promise<string> {
    const found = () => (typeof text === 'string' ? this.stderr.includes(text) : text.test(this.stderr))
    return this.#until(`${text} on stderr`, timeoutMs, () => (found() ? this.stderr : undefined))
  }

  /** Waits for the end. Rejects after `timeoutMs` if it is still running. */
  exit(timeoutMs = PATIENCE_MS): Promise<Exit> {
    return this.#until('its end', timeoutMs, () => this.#exit)
  }

  /** Writes one JSON line to stdin. */
  send(command: object): void {
    this.type(`${JSON.stringify(command)}\n`)
  }

  /** Writes text to stdin. */
  type(text: string): void {
    this.#child.stdin!.write(text)
  }

  /** Ends stdin. */
  endInput(): void {
    this.#child.stdin!.end()
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal)
  }

  /** Asks it to end (SIGTERM), and kills it when it has not after `graceMs`. */
  async stop(graceMs = 3000): Promise<Exit> {
    this.kill('SIGTERM')
    const timer = setTimeout(() => this.kill(), graceMs)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  /** What happened so far, for the message of a failed test. */
  describe(): string {
    const end = this.#exit ? `ended with code ${this.#exit.code}, signal ${this.#exit.signal}` : 'is running'
    const last = [...this.events.slice(-8).map(event => JSON.stringify(event)), ...this.strays.slice(-5)]
    return [`${this.#name} ${end}`, ...last, 'stderr:', this.stderr.slice(-2000)].join('\n')
  }

  #take(line: string): void {
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value !== 'object' || value === null) this.strays.push(line)
      else this.events.push(value as E)
    } catch {
      this.strays.push(line)
    }
    this.#wake()
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }

  #until<T>(what: string, timeoutMs: number, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer)
        this.#child.stderr!.off('data', look)
        this.#waiting.delete(look)
        settle()
      }
      const fail = (why: string) => finish(() => reject(new Error(`waited for ${what}: ${why}\n${this.describe()}`)))
      const look = () => {
        const found = find()
        if (found !== undefined) finish(() => resolve(found))
        else if (this.#exit) fail('the program ended')
      }
      const timer = setTimeout(() => fail(`nothing in ${timeoutMs} ms`), timeoutMs)
      this.#waiting.add(look)
      this.#child.stderr!.on('data', look)
      look()
    })
  }
}
