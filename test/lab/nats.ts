import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kvm } from '@nats-io/kv'
import { connect } from '@nats-io/transport-node'
import { freePort } from './lab.js'

/** Real NATS servers that know each other, each with JetStream on a disk of its own, as processes of this machine. */
export class NatsLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'voicechat-nats-'))
  readonly #nodes: NatsNode[] = []

  private constructor() {}

  /** Null, or the reason why there is none here. */
  static unavailable(): string | null {
    return spawnSync(PROGRAM, ['--version']).error ? 'no nats-server here (Debian: nats-server)' : null
  }

  /** So many; resolves when they answer, and their store does. */
  static async start(count: number): Promise<NatsLab> {
    const lab = new NatsLab()
    const ports = await Promise.all(Array.from({ length: count * 2 }, () => freePort()))
    const routes = ports.slice(count)
    for (let n = 0; n < count; n++)
      lab.#nodes.push(new NatsNode(join(lab.#folder, `${n}`), `n${n}`, ports[n]!, routes[n]!, count > 1 ? routes : []))
    for (let n = 0; n < count; n++) lab.node(n).start()
    await lab.ready()
    return lab
  }

  get urls(): string[] {
    return this.#nodes.map(({ url }) => url)
  }

  node(n: number): NatsNode {
    return this.#nodes[n]!
  }

  /** Resolves when the store of names can be used. */
  async ready(): Promise<void> {
    for (let tries = 0; ; tries++)
      try {
        const connection = await connect({ servers: this.urls.map(url => url.slice('nats://'.length)), timeout: 1_000 })
        try {
          await new Kvm(connection).create('ready', { replicas: this.#nodes.length })
          return
        } finally {
          await connection.close()
        }
      } catch (error) {
        if (tries > 100) throw error
        await sleep(200)
      }
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.stop('SIGKILL')))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Where Debian puts it, which may not be where a shell looks. */
const PROGRAM = spawnSync('nats-server', ['--version']).error ? '/usr/sbin/nats-server' : 'nats-server'

class NatsNode {
  readonly url: string
  readonly #args: readonly string[]
  #process: ChildProcess | null = null
  readonly #kill = () => void this.#process?.kill('SIGKILL')

  constructor(folder: string, name: string, port: number, route: number, routes: readonly number[]) {
    this.url = `nats://127.0.0.1:${port}`
    const cluster = ['--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${route}`]
    const known = ['--routes', routes.map(each => `nats://127.0.0.1:${each}`).join(',')]
    this.#args = [
      ...['--addr', '127.0.0.1', '--port', `${port}`, '--name', name, '--jetstream', '--store_dir', folder],
      ...(routes.length > 0 ? [...cluster, ...known] : []),
    ]
    process.on('exit', this.#kill)
  }

  start(): void {
    this.#process = spawn(PROGRAM, this.#args, { stdio: 'ignore' })
  }

  /** Killed, or stopped and let go on (`SIGSTOP`, `SIGCONT`). */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const server = this.#process
    this.#process = null
    process.off('exit', this.#kill)
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'close')
    server.kill(signal)
    await gone
  }
}
