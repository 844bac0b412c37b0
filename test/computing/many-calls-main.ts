/**
 * Very many calls one after another in this process: a server, and for each call two peers of which one hangs up when both talk
 * directly. Prints a JSON line each so many calls: what the process holds. Arguments: engine, calls.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { NoMicrophone, NoSpeaker } from '../../peer/audio/devices/none.js'
import { InProcessAudio } from '../../peer/audio/in-process-audio.js'
import { loadOpus } from '../../peer/audio/opus-file.js'
import { nodeAead } from '../../peer/node-aead.js'
import { NodeClock } from '../../peer/node-clock.js'
import { Peer } from '../../peer/peer.js'
import type { EngineName } from '../../peer/routes/engine-name.js'
import { loadEngine } from '../../peer/routes/node-engine.js'
import { dialWebSocket } from '../../peer/signaling/websocket.js'
import { createIdentity } from '../../protocol/identity.js'
import { startServer } from '../../signaling/index.js'

/** What the process holds after so many calls. MiB; sockets and other files; timers and handles of the event loop. */
export interface Holding {
  readonly calls: number
  readonly direct: number
  readonly rssMb: number
  readonly heapMb: number
  readonly files: number
  readonly handles: number
}

const EACH = 50
/** A call that does not become direct by then goes on without. */
const PATIENCE_MS = 8_000
/** What a connection gives back late is back by then: werift's timers, libdatachannel's sockets. */
const SETTLED_MS = 1_500

const [engine = 'native', count = '500'] = process.argv.slice(2)
const { connect } = await loadEngine(engine as EngineName)
const codec = await loadOpus()
const random = (length: number) => new Uint8Array(randomBytes(length))
const clock = new NodeClock()
const identities = [createIdentity(random), createIdentity(random)] as const
const loose = {
  socketsPerAddress: 1_000,
  requestsPerAddressPerMinute: 100_000,
  loginsPerAddressPerMinute: 100_000,
  loginsPerIdPerMinute: 100_000,
}
const server = await startServer({ host: '127.0.0.1', port: 0, limits: loose })
const url = `ws://127.0.0.1:${server.port}`

function peer(id: string, to: string, identity: (typeof identities)[number]): Peer {
  const audio = new InProcessAudio({
    clock,
    codec,
    microphone: new NoMicrophone(clock),
    speaker: new NoSpeaker(clock),
  })
  const options = { id, to, route: 'auto', waitMs: null, talkMs: null } as const
  const parts = { clock, random, dial: () => dialWebSocket(url), origin: url, identity, password: 'x', audio, connect }
  return new Peer({ ...parts, sealing: { aead: nodeAead } }, options)
}

async function call(): Promise<boolean> {
  const both = [peer('ABC', 'XYZ', identities[0]), peer('XYZ', 'ABC', identities[1])] as const
  for (const one of both) one.start()
  const isDirect = () => both.every(({ view }) => view.route === 'direct')
  for (const until = Date.now() + PATIENCE_MS; !isDirect() && Date.now() < until; ) await sleep(5)
  const direct = isDirect()
  both[0].do({ type: 'hangUp' })
  await Promise.all(both.map(({ ended }) => ended))
  return direct
}

function holding(calls: number, direct: number): Holding {
  for (let n = 0; n < 3; n++) globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const mb = (bytes: number) => Math.round(bytes / 2 ** 18) / 4
  const files = readdirSync('/proc/self/fd').length
  return {
    calls,
    direct,
    rssMb: mb(rss),
    heapMb: mb(heapUsed),
    files,
    handles: process.getActiveResourcesInfo().length,
  }
}

let direct = 0
for (let n = 1; n <= Number(count); n++) {
  if (await call()) direct++
  if (n % EACH !== 0) continue
  await sleep(SETTLED_MS)
  console.log(JSON.stringify(holding(n, direct)))
}
// What only garbage collection frees would be free by now: it has to end after a call as well.
await call()
await server.close()
