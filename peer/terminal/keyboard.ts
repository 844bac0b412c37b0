/** The keys of a call, from what was pressed to what is wished. */
import { KEY_HELP, type KeyContext, type Wish, wishOfKey } from './controls.js'
import { HeldKey, RELEASE_MS } from './held-key.js'

export interface KeyboardParts {
  context(): KeyContext
  wish(wish: Wish): void
  note(line: string): void
  /** ms. */
  now(): number
  /** Runs it once, after so many ms; returns how not to. */
  later(ms: number, run: () => void): () => void
}

export class Keyboard {
  readonly #space = new HeldKey()
  #forget = () => {}

  constructor(private readonly parts: KeyboardParts) {}

  press(key: string): void {
    const { context, wish, note, now } = this.parts
    if (key === ' ') return this.#hold(now())
    if (key === '?') for (const line of KEY_HELP) note(line)
    const wished = wishOfKey(key, context())
    if (wished) wish(wished)
  }

  close(): void {
    this.#forget()
  }

  #hold(now: number): void {
    this.#mute(this.#space.press(now, this.parts.context().muted))
    this.#forget()
    if (this.#space.held) this.#forget = this.parts.later(RELEASE_MS, () => this.#mute(this.#space.release()))
  }

  #mute(muted: boolean): void {
    if (muted !== this.parts.context().muted) this.parts.wish({ type: muted ? 'mute' : 'unmute' })
  }
}
