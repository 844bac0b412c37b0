import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'

export interface BrowserOptions {
  /** Hides its addresses behind names that only mDNS resolves, as browsers do; off if not given. */
  readonly mdns?: boolean
  /** It is killed after this many ms. */
  readonly limitMs?: number
}

const NAMES = ['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const START_MS = 30_000
const KEEPER = fileURLToPath(new URL('./keeper-main.js', import.meta.url))

/** The browser's program. Throws, with the reason, where there is none. */
export function chromiumProgram(): string {
  const program = NAMES.find(
    name => spawnSync(name, ['--version'], { stdio: 'ignore', timeout: START_MS }).status === 0,
  )
  if (program === undefined) throw new Error('no Chromium here (Debian: chromium)')
  return program
}

/** Flags for a Chromium without a window, with this folder as its profile, that works as root too. */
export function headless(folder: string): string[] {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return ['--headless', '--disable-gpu', '--disable-quic', ...quiet, ...asRoot, `--user-data-dir=${folder}`]
}

/** A Chromium with a profile of its own, and one page in it, which has opened a WebSocket to us. */
export class Browser {
  readonly page: WebSocket
  readonly #keeper: ChildProcess
  readonly #server: Server
  readonly #folder: string

  private constructor(page: WebSocket, keeper: ChildProcess, server: Server, folder: string) {
    this.page = page
    this.#keeper = keeper
    this.#server = server
    this.#folder = folder
  }

  /**
   * `html` is the page; it has to open a WebSocket to where it comes from. `script`: what it finds at /page.js. Rejects, with the
   * reason, where there is no Chromium or where its page does not report within 30 s.
   */
  static async open(
    html: string,
    { mdns = false, limitMs = 240_000 }: BrowserOptions = {},
    script = '',
  ): Promise<Browser> {
    const program = chromiumProgram()
    const server = createServer(({ url }, response) => {
      if (url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(script)
      else response.setHeader('Content-Type', 'text/html').end(html)
    })
    const sockets = new WebSocketServer({ server })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const folder = mkdtempSync(join(tmpdir(), 'voicechat-chromium-'))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const names = mdns ? [] : ['--disable-features=WebRtcHideLocalIpsWithMdns']
    const flags = [...headless(folder), ...names, '--js-flags=--expose-gc']
    // In a group of its own: who ends the test's group leaves it the time to clean up.
    const keeper = spawn(process.execPath, [KEEPER, String(limitMs), folder, program, ...flags, url], {
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
    })
    keeper.stdin!.on('error', () => {})
    let log = ''
    keeper.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-1000)
    })
    try {
      const signal = AbortSignal.timeout(START_MS)
      const ended = once(keeper, 'exit', { signal }).then(() => Promise.reject(new Error('it ended')))
      const [page] = (await Promise.race([once(sockets, 'connection', { signal }), ended])) as [WebSocket]
      ended.catch(() => {})
      page.on('error', () => {})
      return new Browser(page, keeper, server, folder)
    } catch (error) {
      await end(keeper, server, folder)
      throw new Error(`Chromium does not start: ${(error as Error).message} ${log}`)
    }
  }

  /** Tells the page something; false when it is gone. */
  tell(text: string): boolean {
    if (this.page.readyState !== this.page.OPEN) return false
    this.page.send(text, () => {})
    return true
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    await end(this.#keeper, this.#server, this.#folder, this.page)
  }
}

async function end(keeper: ChildProcess, server: Server, folder: string, page?: WebSocket): Promise<void> {
  const exited = keeper.exitCode === null && !keeper.signalCode ? once(keeper, 'exit') : null
  keeper.stdin!.end()
  await exited
  page?.terminate()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
}
