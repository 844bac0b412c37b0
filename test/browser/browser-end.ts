/** An End that lives in a Chromium without a window: asked over a WebSocket. */
import { once } from 'node:events'
import { Browser } from '../lab/browser.js'
import { type Bundle, bundle } from '../lab/bundle.js'
import type { Answers, Question } from './end.js'
import { pack, unpack } from './wire.js'

const HTML =
  '<!doctype html><meta charset="utf-8"><title>VoiceChat</title><script type="module" src="/page.js"></script>'

export class BrowserEnd {
  #asked = 0

  private constructor(
    private readonly browser: Browser,
    /** What the page runs. */
    readonly script: Bundle,
  ) {}

  /** Rejects, with the reason, where there is no Chromium. */
  static async open(): Promise<BrowserEnd> {
    const script = await bundle([new URL('./page.js', import.meta.url)], { minify: true })
    return new BrowserEnd(await Browser.open(HTML, {}, script.code), script)
  }

  /** Rejects with what was thrown in the page, or when it is gone. One at a time. */
  async ask<Q extends Question>(question: Q): Promise<Answers[Q['asks']]> {
    const n = this.#asked++
    const came = once(this.browser.page, 'message', { signal: AbortSignal.timeout(10_000) })
    if (!this.browser.tell(pack({ n, question }))) throw new Error('the page is gone')
    const [data] = (await came) as [Buffer]
    const reply = unpack<{ n: number; answer?: Answers[Q['asks']]; failed?: string }>(data.toString())
    if (reply.n !== n || reply.failed !== undefined) throw new Error(`in the page: ${reply.failed ?? 'another answer'}`)
    return reply.answer as Answers[Q['asks']]
  }

  stop(): Promise<void> {
    return this.browser.stop()
  }
}
