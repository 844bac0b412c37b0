import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { PeerEvent } from '../lab/event.js'

const main = fileURLToPath(new URL('../../program/peer.js', import.meta.url))

/**
 * voicechat-peer as a person starts it. The lab starts programs with source maps and a leash, which take time to load and
 * memory to hold. This one has no leash: give it limits of its own (--wait, --for) and kill it in the end.
 */
export class PlainPeer {
  readonly events: PeerEvent[] = []
  /** Epoch ms, as exact as the clock that the peer's own events use. */
  readonly startedAt: number
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess
  readonly #looks = new Set<() => void>()
  #errors = ''
  #over = false

  /** `folder`: where it keeps its identity. */
  constructor(args: readonly string[], folder: string) {
    const home = join(folder, args[args.indexOf('--id') + 1] ?? 'nobody')
    const clean = Object.entries(process.env).filter(([name]) => !/^VOICECHAT_|_PROXY$/i.test(name))
    this.startedAt = performance.timeOrigin + performance.now()
    const child = spawn(process.execPath, [main, ...args, '--json', '--verbose'], {
      env: { ...Object.fromEntries(clean), HOME: home, XDG_CONFIG_HOME: home, APPDATA: home, LOCALAPPDATA: home },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdin!.on('error', () => {})
    createInterface({ input: child.stdout! }).on('line', line => {
      this.events.push(JSON.parse(line) as PeerEvent)
      for (const look of [...this.#looks]) look()
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    this.exited = new Promise(resolve => {
      child.on('error', () => resolve(null))
      child.on('close', code => resolve(code))
    })
    void this.exited.then(() => {
      this.#over = true
      for (const look of [...this.#looks]) look()
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The first event for which `match` gives something. Rejects when the program ends without, or after `timeoutMs`. */
  find<T>(match: (event: PeerEvent) => T | undefined, timeoutMs = 15_000): Promise<T> {
    return new Promise((resolve, reject) => {
      let seen = 0
      const settle = (done: () => void) => {
        clearTimeout(timer)
        this.#looks.delete(look)
        done()
      }
      const fail = (why: string) => settle(() => reject(new Error(`a peer ${why}\n${this.#errors}`)))
      const look = () => {
        for (; seen < this.events.length; seen++) {
          const found = match(this.events[seen]!)
          if (found !== undefined) return settle(() => resolve(found))
        }
        if (this.#over) fail('ended before what was waited for')
      }
      const timer = setTimeout(() => fail(`did not come so far within ${timeoutMs} ms`), timeoutMs)
      this.#looks.add(look)
      look()
    })
  }

  /** When it said that it is in this state, epoch ms. */
  state(state: Extract<PeerEvent, { event: 'state' }>['state']): Promise<number> {
    return this.find(event => (event.event === 'state' && event.state === state ? event.t : undefined))
  }

  hangUp(): void {
    this.#child.stdin!.write('{"do":"hangup"}\n')
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }
}
