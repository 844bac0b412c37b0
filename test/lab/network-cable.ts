import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface LinkQuality {
  /** One way. */
  delayMs: number
  /** Each packet takes `delayMs` +- this, uniform: packets may overtake each other. */
  jitterMs: number
  /** 0..1 */
  loss: number
  /** The same seed loses the same packets of each way, by their number; 1 if not given. */
  seed?: number
}

const PROGRAM = fileURLToPath(new URL('../../../test/lab/network-bridge.py', import.meta.url))
const LIMIT_S = 600

/** The process that carries packets, late and not all, between two TAP devices. It ends with the test process, or after 10 minutes. */
export class NetworkCable {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #log = ''

  /** `ends`: namespace/device, both there already. */
  constructor(ends: readonly [string, string], { delayMs, jitterMs, loss, seed = 1 }: LinkQuality) {
    const quality = [delayMs, jitterMs, loss, seed, LIMIT_S].map(String)
    this.#child = spawn('python3', ['-I', '-S', PROGRAM, ...ends, ...quality], { stdio: 'pipe' })
    this.#child.stdin!.on('error', () => {})
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-2000)
    })
    // 'error' comes instead of 'exit' when it cannot be started.
    this.#exited = once(this.#child, 'close').catch((error: Error) => {
      this.#log += error.message
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves when packets pass; rejects with what the program said when it ended instead. */
  async ready(): Promise<void> {
    const ended = this.#exited.then(() => Promise.reject(new Error(`the network cable does not work: ${this.#log}`)))
    await Promise.race([once(this.#child.stdout!, 'data'), ended])
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.kill()
    await this.#exited
  }
}
