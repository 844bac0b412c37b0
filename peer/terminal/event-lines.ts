/** What happens, a sentence a line, each once: what people get to read wherever they read it. */
import type { DeviceChange } from '../audio/audio.js'
import type { CallView } from '../call/view.js'
import { deviceSentence } from './device-sentence.js'
import type { Problem } from './output.js'
import { plainText } from './plain-text.js'
import { type Names, type Recorders, recordingSentences, stateSentence, verifySentence } from './sentences.js'

export class EventLines {
  #said = ''
  #verify = ''
  #recorders: Recorders = { recording: false, peerRecording: false }

  constructor(
    private readonly write: (line: string) => void,
    private readonly names: Names,
  ) {}

  note(line: string): void {
    this.write(`${plainText(line)}\n`)
  }

  view(view: CallView): void {
    if (view.mode && view.state === 'talking') {
      const verify = verifySentence(view, this.names)
      if (verify !== this.#verify) this.note(verify)
      this.#verify = verify
    }
    if (view.state === 'talking') {
      for (const sentence of recordingSentences(this.#recorders, view, this.names)) this.note(sentence)
      this.#recorders = view
    }
    const sentence = stateSentence(view, this.names)
    if (sentence && sentence !== this.#said) {
      this.note(sentence)
      this.#said = sentence
    }
  }

  device(change: DeviceChange): void {
    this.note(deviceSentence(change))
  }

  problem({ message, hint }: Problem): void {
    this.note(hint ? `${message} ${hint}` : message)
  }
}
