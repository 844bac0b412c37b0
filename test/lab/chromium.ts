import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connect } from '../../peer/routes/connection.js'
import { ChromiumConnection } from './chromium-connection.js'
import { type Command, PAGE, type Report } from './chromium-page.js'

export interface ChromiumOptions {
  /** Hides its addresses behind names that only mDNS resolves, as browsers do; off if not given. */
  readonly mdns?: boolean
  /** It is killed after this many ms. */
  readonly limitMs?: number
}

const NAMES = ['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const START_MS = 30_000
const KEEPER = fileURLToPath(new URL('./keeper-main.js', import.meta.url))

/** A browser without a window and with a profile of its own, and one page in it that makes connections for us. */
export class Chromium {
  readonly #keeper: ChildProcess
  readonly #server: Server
  readonly #folder: string
  readonly #connections = new Map<number, ChromiumConnection>()
  #page: WebSocket | null = null
  #made = 0

  private constructor(keeper: ChildProcess, server: Server, folder: string) {
    this.#keeper = keeper
    this.#server = server
    this.#folder = folder
  }

  /** Rejects, with the reason, where there is none or where its page does not report within 30 s. */
  static async start({ mdns = false, limitMs = 240_000 }: ChromiumOptions = {}): Promise<Chromium> {
    const program = NAMES.find(
      name => spawnSync(name, ['--version'], { stdio: 'ignore', timeout: START_MS }).status === 0,
    )
    if (program === undefined) throw new Error('no Chromium here (Debian: chromium)')
    const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(PAGE))
    const sockets = new WebSocketServer({ server })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const folder = mkdtempSync(join(tmpdir(), 'voicechat-chromium-'))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const args = [KEEPER, String(limitMs), folder, program, ...flags(folder, mdns), url]
    // In a group of its own: who ends the test's group leaves it the time to clean up.
    const keeper = spawn(process.execPath, args, {
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
    })
    keeper.stdin!.on('error', () => {})
    let log = ''
    keeper.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-1000)
    })
    const chromium = new Chromium(keeper, server, folder)
    try {
      const signal = AbortSignal.timeout(START_MS)
      const ended = once(keeper, 'exit', { signal }).then(() => Promise.reject(new Error('it ended')))
      const [page] = (await Promise.race([once(sockets, 'connection', { signal }), ended])) as [WebSocket]
      ended.catch(() => {})
      chromium.#use(page)
      return chromium
    } catch (error) {
      await chromium.stop()
      throw new Error(`Chromium does not start: ${(error as Error).message} ${log}`)
    }
  }

  /** Connections that live in the page. */
  readonly connect: Connect = (events, servers) => {
    const id = this.#made++
    const page = {
      tell: (order: object) => this.#tell({ id, ...order } as Command),
      forget: () => void this.#connections.delete(id),
    }
    const connection = new ChromiumConnection(page, events, servers)
    this.#connections.set(id, connection)
    return connection
  }

  /** Ends it at once: connections that are still there fail. */
  async stop(): Promise<void> {
    const exited = this.#keeper.exitCode === null && !this.#keeper.signalCode ? once(this.#keeper, 'exit') : null
    this.#keeper.stdin!.end()
    await exited
    this.#page?.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #use(page: WebSocket): void {
    this.#page = page
    page.on('message', data => {
      const report = JSON.parse(String(data)) as Report
      this.#connections.get(report.id)?.hear(report)
    })
    page.on('error', () => {})
    page.on('close', () => {
      for (const connection of [...this.#connections.values()]) connection.gone()
    })
  }

  #tell(command: Command): boolean {
    if (this.#page?.readyState !== this.#page?.OPEN) return false
    this.#page?.send(JSON.stringify(command), () => {})
    return true
  }
}

function flags(folder: string, mdns: boolean): string[] {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const memory = '--js-flags=--expose-gc'
  const names = mdns ? [] : ['--disable-features=WebRtcHideLocalIpsWithMdns']
  return [
    '--headless',
    '--disable-gpu',
    '--disable-quic',
    ...quiet,
    ...asRoot,
    ...names,
    memory,
    `--user-data-dir=${folder}`,
  ]
}
