/** Honest people who come while a server is under attack: each asks how it is, or logs in from an address where nobody else is. */
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../../../protocol/reason.js'
import { newIdentity, newSession } from '../../signaling/fake-client.js'
import { WsClient } from '../../signaling/ws-client.js'

const EVERY_MS = 250
/** As peers do, they give up an attempt and try again. */
const ATTEMPT_MS = 10_000
const ATTEMPTS = 6

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
        await persistently(() => ask(port))
        healthy++
        await persistently(() => logIn(port))
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
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(ATTEMPT_MS) })
  const { status } = (await answer.json()) as { status: string }
  if (!answer.ok || status !== 'ok') throw new Error(`/healthz answers ${answer.status} ${status}`)
}

async function logIn(port: number): Promise<void> {
  const number = visitors++
  const from = `127.0.3.${1 + (number % 250)}`
  const online = WsClient.online(`ws://127.0.0.1:${port}`, `visitor-${number}`, newIdentity(), newSession(), from)
  // One that comes after all leaves again.
  online.then(
    ({ socket }) => socket.close(),
    () => {},
  )
  const late = sleep(ATTEMPT_MS, null, { ref: false }).then(() => Promise.reject(new Error('no login in time')))
  const client = await Promise.race([online, late])
  if (!client.has('online')) throw new Error(`a newcomer was told ${JSON.stringify(client.heard.at(-1))}`)
}

/** Tries until it goes well; rejects with what went wrong the last time. */
async function persistently(attempt: () => Promise<void>): Promise<void> {
  for (let n = 1; ; n++) {
    try {
      return await attempt()
    } catch (error) {
      if (n === ATTEMPTS) throw error
    }
  }
}
