/** Direct connections by a browser's own RTCPeerConnection: the connection is in the page, this is its handle here. */
import type { Connection, ConnectionEvents, IceServer, Path, Signal } from '../../peer/routes/connection.js'
import { Guard } from '../../peer/routes/node-guard.js'
import { isParting, PARTING } from '../../peer/routes/parting.js'
import { isCandidate, midIn, offerAsClient } from '../../peer/routes/sdp.js'
import type { BrowserServer, Command, Report } from './chromium-page.js'

type Order = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never

/** What the connection needs of the page that it lives in. */
export interface Page {
  /** False when the page is gone. */
  tell(command: Order): boolean
  /** What was made in the page is no longer used here. */
  forget(): void
}

export class ChromiumConnection implements Connection {
  readonly #page: Page
  readonly #servers: readonly IceServer[]
  readonly #guard: Guard
  #started = false
  #initiator = false
  #open = false
  #described = false
  #mid = '0'

  constructor(page: Page, events: ConnectionEvents, servers: readonly IceServer[]) {
    this.#page = page
    this.#servers = servers
    this.#guard = new Guard(events, () => this.#release())
  }

  start(initiator: boolean): void {
    if (this.#started) return
    this.#started = true
    this.#initiator = initiator
    // Its events may not come before `start` has returned.
    this.#guard.now(() => {
      if (!this.#page.tell({ does: 'start', initiator, servers: this.#servers.map(browserServer) }))
        this.#guard.later(() => this.gone())
    })
  }

  signal({ kind, text }: Signal): void {
    if (!this.#started || this.#guard.isOver) return
    if (kind === 'candidate') {
      if (this.#described && isCandidate(text)) this.#page.tell({ does: 'candidate', candidate: text, mid: this.#mid })
      return
    }
    if (this.#initiator === (kind === 'offer') || this.#described) return
    this.#described = true
    this.#mid = midIn(text)
    this.#page.tell({ does: 'describe', type: kind, sdp: text })
  }

  send(bytes: Uint8Array): void {
    if (this.#open && !this.#guard.isOver)
      this.#page.tell({ does: 'send', base64: Buffer.from(bytes).toString('base64') })
  }

  path(): Path | null {
    return null
  }

  close(): void {
    this.#guard.close()
  }

  /** The page reports. */
  hear({ tells, text }: Report): void {
    this.#guard.later(events => {
      if (tells === 'failed') this.#guard.fail(text)
      else if (tells === 'message') this.#received(new Uint8Array(Buffer.from(text, 'base64')), events)
      else if (tells === 'open') {
        this.#open = true
        events.open()
      } else events.signal({ kind: tells, text: tells === 'offer' ? offerAsClient(text) : text })
    })
  }

  gone(): void {
    this.#guard.fail('the page is gone')
  }

  #received(bytes: Uint8Array, events: ConnectionEvents): void {
    if (isParting(bytes)) this.#guard.fail('the other side has closed it')
    else events.message(bytes)
  }

  #release(): void {
    if (this.#open) this.#page.tell({ does: 'send', base64: Buffer.from(PARTING).toString('base64') })
    this.#open = false
    if (this.#started) this.#page.tell({ does: 'close' })
    this.#page.forget()
  }
}

function browserServer({ url, ...account }: IceServer): BrowserServer {
  return { urls: url, ...account }
}
