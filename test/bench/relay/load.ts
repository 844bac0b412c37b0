/** Drives the load program (load.c): clients come in, talk in rounds, and figures come out. */
import type { Contender, Talk } from './contenders.js'
import { Native } from './native.js'

/** Clients that are on their way in at once: what a server takes from one address without a word. */
const AT_ONCE = 16
const PER_ADDRESS = 32

export interface Closed {
  readonly frames: number
  readonly ms: number
}

export interface Paced {
  readonly sent: number
  readonly came: number
  /** From the sending to the arrival, us. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** How late the load itself sent, at the 99th of a hundred frames, us. */
  readonly late: number
}

/** What of a contender the load has to know, and where a client connects that does not at the usual port. */
export type Visited = Pick<Contender, 'raw' | 'acknowledges' | 'talk'> & {
  readonly dial?: (n: number) => { readonly port: number; readonly target?: string }
}

export class Load {
  readonly #native: Native
  readonly #talks = new Map<number, Talk>()
  #answer: (fields: readonly number[]) => void = () => {}

  constructor(
    program: string,
    readonly contender: Visited,
    readonly port: number,
  ) {
    const { raw, acknowledges } = contender
    this.#native = new Native(program, [`${port}`, raw ? 'raw' : 'ws', acknowledges ? '1' : '0', `${PER_ADDRESS}`])
    this.#native.onLine = line => this.#line(line)
  }

  get pid(): number | undefined {
    return this.#native.pid
  }

  /** Brings in clients `from` to `to` (excluded); resolves when all of them are where they are to be: in a call, or only there. */
  enter(from: number, to: number, calls: boolean): Promise<void> {
    return this.#native.whileRunning((resolve, reject) => {
      let [next, there] = [from, 0]
      const open = (): void => {
        if (next >= to) return
        const n = next++
        const ready = () => {
          there++
          if (there === to - from) resolve()
          else open()
        }
        const say = (text: string) => this.#native.write(`say ${n} ${text}`)
        const { contender } = this
        const { port, target = '/' } = contender.dial?.(n) ?? { port: this.port }
        const reopen = (port: number) => this.#native.write(`open ${n} ${port}`)
        this.#talks.set(n, contender.talk({ n, port, calls, say, reopen, ready, failed: reject }))
        this.#native.write(`open ${n} ${port} ${target}`)
      }
      // The two sides of a call come right after each other, and only both are in it.
      for (let n = 0; n < AT_ONCE; n++) open()
    })
  }

  async closed(frames: number): Promise<Closed> {
    const [came = Number.NaN, ns = Number.NaN] = await this.#ask(`closed ${frames}`)
    return { frames: came, ms: ns / 1e6 }
  }

  /** `everyMs`: between two frames of a client. */
  async paced(ms: number, everyMs = 20): Promise<Paced> {
    const [sent, came, p50, p99, max, late] = (await this.#ask(`paced ${ms} ${everyMs}`)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    return { sent, came, p50: p50 / 1e3, p99: p99 / 1e3, max: max / 1e3, late: late / 1e3 }
  }

  /** Frames of all rounds, also what came after its round. */
  async totals(): Promise<{ readonly sent: number; readonly came: number }> {
    const [sent = Number.NaN, came = Number.NaN] = await this.#ask('totals')
    return { sent, came }
  }

  /** Rejects when the program ends, which one client that is cut makes it do; never resolves. */
  lost(): Promise<never> {
    return this.#native.whileRunning<never>(() => {})
  }

  kill(): void {
    this.#native.kill()
  }

  #ask(command: string): Promise<readonly number[]> {
    return this.#native.whileRunning(resolve => {
      this.#answer = resolve
      this.#native.write(command)
    })
  }

  #line(line: string): void {
    const [kind, first = '', ...rest] = line.split(' ')
    if (kind === 'opened') this.#talks.get(Number(first))!.opened()
    else if (kind === 'text') this.#talks.get(Number(first))!.text(rest.join(' '))
    else this.#answer([first, ...rest].map(Number))
  }
}
