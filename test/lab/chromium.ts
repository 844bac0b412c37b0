import type { Connect } from '../../peer/routes/connection.js'
import { Browser, type BrowserOptions } from './browser.js'
import { ChromiumConnection } from './chromium-connection.js'
import { type Command, PAGE, type Report } from './chromium-page.js'

/** A browser with one page that makes connections for us. */
export class Chromium {
  readonly #browser: Browser
  readonly #connections = new Map<number, ChromiumConnection>()
  #made = 0

  private constructor(browser: Browser) {
    this.#browser = browser
    browser.page.on('message', data => {
      const report = JSON.parse(String(data)) as Report
      this.#connections.get(report.id)?.hear(report)
    })
    browser.page.on('close', () => {
      for (const connection of [...this.#connections.values()]) connection.gone()
    })
  }

  /** Rejects, with the reason, where there is none or where its page does not report within 30 s. */
  static async start(options: BrowserOptions = {}): Promise<Chromium> {
    return new Chromium(await Browser.open(PAGE, options))
  }

  /** Connections that live in the page. */
  readonly connect: Connect = (events, servers) => {
    const id = this.#made++
    const page = {
      tell: (order: object) => this.#browser.tell(JSON.stringify({ id, ...order } as Command)),
      forget: () => void this.#connections.delete(id),
    }
    const connection = new ChromiumConnection(page, events, servers)
    this.#connections.set(id, connection)
    return connection
  }

  /** Ends it at once: connections that are still there fail. */
  stop(): Promise<void> {
    return this.#browser.stop()
  }
}
