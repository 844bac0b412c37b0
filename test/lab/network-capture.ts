import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Packet, parsePacket } from './packet.js'

const PROGRAM = fileURLToPath(new URL('../../../test/lab/network-capture.py', import.meta.url))
const LIMIT_S = 300

/** All packets on a device of a network namespace, from `ready` to `stop`. Ends with the test process, or after 5 minutes. */
export class Capture {
  readonly packets: Packet[] = []
  /** Whole, IP header first: also those that `packets` leaves out. */
  readonly raw: Buffer[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #ready = false
  #lost: number | null = null
  #log = ''

  /** `within`: as NetworkLab.within tells it. */
  constructor(within: readonly string[], device = 'eth0') {
    const [command, ...rest] = [...within, 'python3', '-I', '-S', PROGRAM, device, `${LIMIT_S}`]
    this.#child = spawn(command!, rest, { stdio: 'pipe' })
    this.#child.stdin!.on('error', () => {})
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-2000)
    })
    this.#exited = once(this.#child, 'close').catch((error: Error) => {
      this.#log += error.message
    })
    createInterface({ input: this.#child.stdout! }).on('line', line => this.#take(line))
  }

  /** Resolves when it captures; rejects with what the program said when it ended instead. */
  async ready(): Promise<void> {
    const ended = this.#exited.then(() => Promise.reject(new Error(`the capture does not work: ${this.#log}`)))
    const first = this.#ready ? Promise.resolve() : once(this.#child.stdout!, 'data')
    await Promise.race([first, ended])
  }

  /** Ends it; gives how many packets it missed. */
  async stop(): Promise<number> {
    this.#child.stdin!.end('\n')
    await this.#exited
    if (this.#lost === null) throw new Error(`the capture broke off: ${this.#log}`)
    return this.#lost
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #take(line: string): void {
    const [first = '', second = '', hex = ''] = line.split(' ')
    if (first === 'ready') this.#ready = true
    else if (first === 'lost') this.#lost = Number(second)
    else {
      const bytes = Buffer.from(hex, 'hex')
      this.raw.push(bytes)
      const packet = parsePacket(Number(first), second === '1' ? 'out' : 'in', bytes)
      if (packet) this.packets.push(packet)
    }
  }
}
