/**
 * The echo program that `voicechat-server --echo` runs: takes orders on stdin, a JSON line each, and makes the calls. Ends
 * with its stdin, so it never outlives the server.
 */
import { createInterface } from 'node:readline'
import { toBase64url } from '../../protocol/bytes.js'
import { type EchoNews, parseEchoOrder } from '../../protocol/echo.js'
import { createNodeIdentity } from '../../protocol/node-ed25519.js'
import { reasonOf } from '../../protocol/reason.js'
import type { Connect } from '../routes/connection.js'
import { loadEngine } from '../routes/node-engine.js'
import { startEchoPeer } from './echo-peer.js'

/** One key for all calls of this run: so its names on the server are its own. */
const identity = createNodeIdentity()
/** Where no engine loads, the relay is there. */
const engine: Promise<Connect | null> = loadEngine(null).then(
  ({ connect }) => connect,
  () => null,
)

function tell(news: EchoNews): void {
  process.stdout.write(`${JSON.stringify(news)}\n`)
}

async function take(line: string): Promise<void> {
  const order = parseEchoOrder(line)
  if (!order.ok) {
    process.stderr.write(`The echo program does not understand an order: ${order.error.message}\n`)
    return
  }
  const { do: _, ...call } = order.value
  try {
    await startEchoPeer({ ...call, identity, connect: await engine }).ended
  } catch (error) {
    process.stderr.write(`A call of the echo program failed: ${reasonOf(error)}\n`)
  }
  tell({ event: 'ended', id: call.id })
}

process.stdout.on('error', () => process.exit())
// Whoever stops the server with Ctrl-C reaches this process too: it waits for the server, which hangs up properly.
process.on('SIGINT', () => {})
const orders = createInterface({ input: process.stdin, terminal: false })
orders.on('line', line => void take(line))
orders.on('close', () => process.exit())
tell({ event: 'ready', key: toBase64url(identity.publicKey) })
