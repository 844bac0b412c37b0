/**
 * Which code ran, by V8's precise block coverage. V8 joins blocks that ran equally often, so its ranges differ from one look to the
 * next; what is kept is whether each character of a file ran, which does not.
 */
import { type Profiler, Session } from 'node:inspector'

/** How much of some files ran. Blocks: the pieces that V8 told apart so far, inside functions. */
export interface Covered {
  readonly blocks: number
  readonly ran: number
}

interface Script {
  /** By character: ran since the last `forget`. */
  readonly seen: Uint8Array
  /** Ran between the last two looks. */
  readonly now: Uint8Array
  /** Belongs to a function: what runs while a file is loaded is no parser's. */
  readonly inFunction: Uint8Array
  readonly edges: Set<number>
}

/** One for a thread: V8 counts for all of it, and its counts begin anew with each look. Make it before what it is to look at is loaded. */
export class Coverage {
  readonly #session = new Session()
  readonly #scripts = new Map<string, Script>()
  #watched: readonly string[] = []

  /** `root`: the URL below which files are looked at. */
  constructor(private readonly root: string) {
    this.#session.connect()
    this.#ask('Profiler.enable')
    this.#ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** From now on only these files below the root count, and nothing of them has run. Call it when they are loaded. */
  watch(files: readonly string[]): void {
    // Only now does V8 tell of functions that have not run, since what they are in has.
    this.#look(null)
    this.#watched = files.map(file => this.root + file)
    const missing = this.#watched.find(url => !this.#scripts.has(url))
    if (missing) throw new Error(`${missing} is not loaded`)
    this.forget()
  }

  /** As if nothing had run yet. */
  forget(): void {
    for (const url of this.#watched) this.#scripts.get(url)?.seen.fill(0)
  }

  /** Begins a piece of work: what ran before it does not belong to it. */
  begin(): void {
    this.#ask('Profiler.takePreciseCoverage')
  }

  /** Whether code ran since `begin` that never did before. */
  isNew(): boolean {
    this.#look(this.#watched)
    return this.#watched.some(url => {
      const { seen, now } = this.#scripts.get(url)!
      for (let at = 0; at < now.length; at++) if (now[at]! > seen[at]!) return true
      return false
    })
  }

  /** What ran in the piece of work that `isNew` was last asked about, by file. */
  get ran(): readonly Uint8Array[] {
    return this.#watched.map(url => this.#scripts.get(url)!.now.slice())
  }

  /** This is nothing new any more. */
  learn(ran: readonly Uint8Array[]): void {
    for (const [i, now] of ran.entries()) {
      const { seen } = this.#scripts.get(this.#watched[i]!)!
      for (let at = 0; at < now.length; at++) seen[at]! |= now[at]!
    }
  }

  get covered(): Covered {
    let [blocks, ran] = [0, 0]
    for (const url of this.#watched) {
      const { seen, inFunction, edges } = this.#scripts.get(url)!
      for (const edge of edges) {
        if (inFunction[edge] !== 1) continue
        blocks++
        ran += seen[edge]!
      }
    }
    return { blocks, ran }
  }

  close(): void {
    this.#session.disconnect()
  }

  /** `urls`: what to look at; null: everything below the root. */
  #look(urls: readonly string[] | null): void {
    const { result } = this.#ask<Profiler.TakePreciseCoverageReturnType>('Profiler.takePreciseCoverage')
    for (const url of urls ?? []) this.#scripts.get(url)!.now.fill(0)
    for (const { url, functions } of result) {
      if (urls ? urls.includes(url) : url.startsWith(this.root)) this.#paint(url, functions)
    }
  }

  /** Functions come before those inside them, and so do blocks: what is painted last is the innermost. */
  #paint(url: string, functions: readonly Profiler.FunctionCoverage[]): void {
    let script = this.#scripts.get(url)
    if (!script) {
      // The first function is the file itself, from end to end.
      const length = functions[0]?.ranges[0]?.endOffset ?? 0
      const [seen, now, inFunction] = [new Uint8Array(length), new Uint8Array(length), new Uint8Array(length)]
      script = { seen, now, inFunction, edges: new Set() }
      this.#scripts.set(url, script)
    }
    const { now, inFunction, edges } = script
    for (const { functionName, ranges } of functions) {
      const isFile = functionName === '' && ranges[0]?.startOffset === 0 && ranges[0].endOffset === now.length
      for (const { startOffset, endOffset, count } of ranges) {
        now.fill(count > 0 ? 1 : 0, startOffset, endOffset)
        edges.add(startOffset).add(endOffset)
        if (!isFile) inFunction.fill(1, startOffset, endOffset)
      }
    }
  }

  /** The answer comes at once: the session is in this very thread. */
  #ask<T>(method: string, parameters: object = {}): T {
    const answers: { readonly error: Error | null; readonly result: unknown }[] = []
    this.#session.post(method, parameters, (error, result) => answers.push({ error, result }))
    const [answer] = answers
    if (!answer) throw new Error(`${method} was not answered at once`)
    if (answer.error) throw answer.error
    return answer.result as T
  }
}
