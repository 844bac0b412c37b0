import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { PeerEvent } from './event.js'
import { Program, type ProgramOptions } from './program.js'

export type Peer = Program<PeerEvent>
/** The server's structured log. */
export type Server = Program<Record<string, unknown>> & { readonly port: number; readonly url: string }

export interface ServerOptions {
  /** A free one unless given. */
  readonly port?: number
  /** Where peers dial it. */
  readonly address?: string
  /** A new one unless given. */
  readonly stateDir?: string
  readonly args?: readonly string[]
  /** Paths of a certificate and its key: it speaks TLS, and answers when it says that it listens. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

const script = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** What the developer has set must not leak into a test. */
const NONE = Object.fromEntries(
  Object.keys(process.env)
    .filter(name => /^VOICECHAT_|_PROXY$/i.test(name))
    .map(name => [name, undefined]),
)

/**
 * One test's real programs, each with a home of its own in a temporary folder. `await lab.close()` in the teardown ends and removes all of it.
 */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'voicechat-lab-'))
  readonly #programs: Program<object>[] = []
  #count = 0
  #closed = false

  /** voicechat-peer with these arguments; two with the same `home` share identity and settings. */
  peer(args: readonly string[], { home, ...options }: Partial<ProgramOptions> & { home?: string } = {}): Peer {
    const name = options.name ?? `peer ${args.join(' ')}`
    return this.#start<PeerEvent>('program/peer.js', args, { ...options, name }, home ?? `peer-${this.#count++}`)
  }

  /**
   * voicechat-server on loopback, when it answers; or with TLS, or at all addresses of the place that it runs `within`, when it says that it listens.
   * Its memory lies in `stateDir`; rejects when it does not come up in 30 s.
   */
  async server({
    port,
    address = '127.0.0.1',
    stateDir = join(this.folder, `server-${this.#count++}`),
    args = [],
    tls,
    ...options
  }: Partial<ProgramOptions> & ServerOptions = {}): Promise<Server> {
    const at = port ?? (await freePort())
    const host = options.within ? [] : ['--host', address]
    const certificate = tls ? ['--tls-cert', tls.cert, '--tls-key', tls.key] : []
    const all = ['--port', `${at}`, ...host, '--state-dir', stateDir, ...certificate, ...args]
    const silent = options.within !== undefined || tls !== undefined
    const program = this.#start<Record<string, unknown>>(
      'signaling/main.js',
      all,
      { name: 'server', ...options },
      'server',
    )
    if (silent) await program.event(line => line.msg === 'listening')
    for (const until = Date.now() + 30_000; !silent; await sleep(30)) {
      if (await healthy(at)) break
      if (!program.running || Date.now() > until) throw new Error(`the server does not answer\n${program.describe()}`)
    }
    return Object.assign(program, { port: at, url: `${tls ? 'wss' : 'ws'}://${address}:${at}` })
  }

  /** Any other script, for tests of the lab itself. */
  program(path: string, args: readonly string[], options: ProgramOptions): Program<Record<string, unknown>> {
    const program = new Program<Record<string, unknown>>(path, args, options)
    this.#programs.push(program)
    return program
  }

  /** A path in the lab's folder. */
  path(name: string): string {
    return join(this.folder, name)
  }

  /** Kills what still runs and removes the folder; nothing can be started after that. */
  async close(): Promise<void> {
    this.#closed = true
    for (const program of this.#programs) program.kill()
    await Promise.all(this.#programs.map(program => program.exited))
    rmSync(this.folder, { recursive: true, force: true })
  }

  #start<E extends object>(path: string, args: readonly string[], options: ProgramOptions, home: string): Program<E> {
    if (this.#closed) throw new Error('the lab is closed')
    const folder = join(this.folder, home)
    // env-paths looks at HOME on macOS and at APPDATA on Windows.
    const own = { XDG_CONFIG_HOME: folder, HOME: folder, APPDATA: folder, LOCALAPPDATA: folder }
    const program = new Program<E>(script(path), args, { ...options, env: { ...NONE, ...own, ...options.env } })
    this.#programs.push(program)
    return program
  }
}

async function healthy(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

/** A TCP port that is free on loopback now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
