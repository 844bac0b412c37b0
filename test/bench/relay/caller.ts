/** A client of this server on its way into a call. */
import { createNodeIdentity } from '../../../protocol/node-ed25519.js'
import { parseFromServer } from '../../../protocol/signaling.js'
import { loginText, newSession } from '../../signaling/fake-client.js'
import type { Contender } from './contenders.js'

export interface CallerOptions {
  /** In front of its number: its id. */
  readonly name?: string
  /** What it does when it is asked to go on at another server; unless given, that is an error. */
  readonly asked?: 'moves' | 'stays' | 'fails'
}

export function caller({ name = 'bench', asked = 'fails' }: CallerOptions = {}): Contender['talk'] {
  return ({ n, port, calls, say, reopen, ready, failed }) => {
    const identity = createNodeIdentity()
    const session = newSession()
    let at = port
    let callId: string | undefined
    const text = (text: string) => {
      const parsed = parseFromServer(text)
      if (!parsed.ok) return failed(new Error(`client ${n} heard ${text}`))
      const message = parsed.value
      switch (message.type) {
        case 'challenge': {
          const origin = `ws://127.0.0.1:${at}`
          say(loginText(message.challenge, { id: `${name}-${n}`, identity, session, origin }))
          break
        }
        case 'online':
          if (!calls) ready()
          else say(JSON.stringify({ type: 'call', to: `${name}-${n ^ 1}`, ...(callId && { resume: callId }) }))
          break
        case 'matched':
          if (callId === undefined) ready()
          callId = message.callId
          break
        case 'move':
          if (asked === 'fails') failed(new Error(`client ${n} was sent to ${message.url}`))
          else if (asked === 'moves') {
            at = Number(new URL(message.url).port)
            reopen(at)
          }
          break
        case 'error':
        case 'refused':
          failed(new Error(`client ${n} heard ${text}`))
      }
    }
    return { opened: () => {}, text }
  }
}
