import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
    const all = routes.map(port => `nats://127.0.0.1:${port}`)
    for (let n = 0; n < count; n++) {
      const own = { folder: join(lab.#folder, `${n}`), name: `n${n}`, port: ports[n]!, route: routes[n]! }
      lab.#nodes.push(new NatsNode({ ...own, address: '127.0.0.1', routes: count > 1 ? all : [] }))
    }
    for (let n = 0; n < count; n++) lab.node(n).start()
    await lab.ready()
    return lab
  }

  /**
   * One at each of these places of a network lab, with ports that are free there; resolves when they are started. They miss each other within
   * seconds, not after the four minutes of an ordinary configuration.
   */
  static startAt(places: readonly NatsPlace[]): NatsLab {
    const lab = new NatsLab()
    const [port, route] = [4222, 6222]
    const routes = places.map(({ address }) => `nats://${address}:${route}`)
    for (const [n, place] of places.entries()) {
      const folder = join(lab.#folder, `${n}`)
      writeFileSync(`${folder}.conf`, 'ping_interval: "1s"\nping_max: 2\n')
      lab.#nodes.push(new NatsNode({ ...place, folder, name: `n${n}`, port, route, routes, config: `${folder}.conf` }))
    }
    for (const node of lab.#nodes) node.start()
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

/** Where one is to run, in a network lab: `within` goes before the program. */
export interface NatsPlace {
  readonly address: string
  readonly within?: readonly string[]
}

interface NatsNodeOptions extends NatsPlace {
  readonly folder: string
  readonly name: string
  readonly port: number
  /** For other nodes; `routes`: theirs and its own, as URLs, none where it is alone. */
  readonly route: number
  readonly routes: readonly string[]
  readonly config?: string
}

class NatsNode {
  readonly url: string
  readonly #command: readonly string[]
  #process: ChildProcess | null = null
  readonly #kill = () => void this.#process?.kill('SIGKILL')

  constructor({ address, within = [], folder, name, port, route, routes, config }: NatsNodeOptions) {
    this.url = `nats://${address}:${port}`
    const cluster = ['--cluster_name', 'test', '--cluster', `nats://${address}:${route}`]
    this.#command = [
      ...[...within, PROGRAM, ...(config === undefined ? [] : ['--config', config])],
      ...['--addr', address, '--port', `${port}`, '--name', name, '--jetstream', '--store_dir', folder],
      ...(routes.length > 0 ? [...cluster, '--routes', routes.join(',')] : []),
    ]
    process.on('exit', this.#kill)
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  start(): void {
    const [program, ...args] = this.#command
    this.#process = spawn(program!, args, { stdio: 'ignore' })
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
