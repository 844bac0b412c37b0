/** What runs in the browser: answers what comes over the WebSocket that it opens to where the page comes from. */
import { End, type Question } from './end.js'
import { pack, unpack } from './wire.js'

/** Of a browser's globals, what is used here: Node's types don't have them. */
interface BrowserGlobals {
  readonly location: { readonly host: string }
  readonly WebSocket: new (
    url: string,
  ) => { onmessage: ((message: { readonly data: string }) => void) | null; send(text: string): void }
}

const { location, WebSocket } = globalThis as unknown as BrowserGlobals
const end = new End()
const socket = new WebSocket(`ws://${location.host}`)
socket.onmessage = ({ data }) => {
  const { n, question } = unpack<{ n: number; question: Question }>(data)
  try {
    socket.send(pack({ n, answer: end.answer(question) }))
  } catch (error) {
    socket.send(pack({ n, failed: String(error) }))
  }
}
