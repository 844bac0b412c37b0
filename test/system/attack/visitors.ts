/** Honest people who come while a server is under attack: each asks how it is, or logs in from an address where nobody else is. */
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../../../protocol/reason.js'
import { newIdentity, newSession } from '../../signaling/fake-client.js'
import { WsClient } from '../../signaling/ws-client.js'

const EVERY_MS = 250
/** What comes later did not come. Long, as this machine may be busy with the attack itself. */
const PATIENCE_MS = 60_000

export interface Visits {
  readonly healthy: number
  readonly loggedIn: number
  /** What went wrong, a sentence each. */
  readonly failures: readonly string[]
}

let visitors = 0

/** Visits until `stop` is called, one after the other. */
export function visit(port: number): { stop(): Promise<Visits> } {
  const failures: string[] = []
  let [healthy, loggedIn, stopped] = [0, 0, false]
  const going = (async () => {
    while (!stopped) {
      try {
        await ask(port)
        healthy++
        await logIn(port)
        loggedIn++
      } catch (error) {
        failures.push(reasonOf(error))
      }
      await sleep(EVERY_MS)
    }
  })()
  const stop = async () => {
    stopped = true
    await going
    return { healthy, loggedIn, failures }
  }
  return { stop }
}

async function ask(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) })
  const { status } = (await answer.json()) as { status: string }
  if (!answer.ok || status !== 'ok') throw new Error(`/healthz answers ${answer.status} ${status}`)
}

async function logIn(port: number): Promise<void> {
  const number = visitors++
  const from = `127.0.3.${1 + (number % 250)}`
  const late = sleep(PATIENCE_MS, null, { ref: false }).then(() => Promise.reject(new Error('no login in time')))
  const online = WsClient.online(`ws://127.0.0.1:${port}`, `visitor-${number}`, newIdentity(), newSession(), from)
  online.catch(() => {})
  const client = await Promise.race([online, late])
  const [last] = client.heard.slice(-1)
  client.socket.close()
  if (!client.has('online')) throw new Error(`a newcomer was told ${JSON.stringify(last)}`)
}
