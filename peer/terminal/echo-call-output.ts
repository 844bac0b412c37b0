/** A test call as people see it: plain lines, and in a terminal a line with both levels below them. */
import type { CallView } from '../call/view.js'
import { levelsLine } from './echo-call-sentences.js'
import { plainText } from './plain-text.js'

const CLEAR_LINE = '\r\x1b[K'

export class EchoCallOutput {
  #said = new Set<string>()
  #route = ''
  #shown = false

  /** `columns`: of the terminal; null: it is none. */
  constructor(
    private readonly write: (text: string) => void,
    private readonly columns: (() => number) | null,
    private readonly forMs: number,
  ) {}

  note(line: string): void {
    this.write(`${this.#clear()}${plainText(line)}\n`)
  }

  view({ state, route, silent, muted, reconnecting }: CallView): void {
    if (state === 'connecting') this.#once('Calling the echo ...')
    if (reconnecting) this.#once('The server is gone; looking for it ...')
    if (state !== 'talking') return
    this.#once(
      `Say something: you hear it again a second later. It ends after ${Math.round(this.forMs / 1000)} seconds${this.columns ? ', or with q' : ''}.`,
    )
    if (silent) this.note('The echo is silent: nothing comes from there any more.')
    if (muted) this.#once('Your microphone is muted.')
    if (route !== null && route !== this.#route)
      this.note(route === 'relay' ? 'The voice goes over the relay.' : 'The voice goes directly.')
    this.#route = route ?? this.#route
  }

  levels(levelIn: number, levelOut: number, leftMs: number): void {
    if (!this.columns) return
    this.write(`${CLEAR_LINE}${levelsLine(levelIn, levelOut, leftMs, this.columns())}`)
    this.#shown = true
  }

  close(): void {
    this.write(this.#clear())
  }

  #once(line: string): void {
    if (this.#said.has(line)) return
    this.#said.add(line)
    this.note(line)
  }

  #clear(): string {
    const clear = this.#shown ? CLEAR_LINE : ''
    this.#shown = false
    return clear
  }
}
