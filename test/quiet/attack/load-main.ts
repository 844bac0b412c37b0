/**
 * Many calls through one server, each side sending a frame of the real size every 20 ms. Arguments: port, calls. Takes JSON lines:
 * {do: 'measure', ms} tells the delays of the frames that arrive in that time, {do: 'finish'} stops the voice, waits for what is under
 * way, tells the sums, hangs up and ends. Each call has an address of its own.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { RelayLeg } from '../../../protocol/relay-leg.js'
import { SEALED_BYTES } from '../../../protocol/sealing.js'
import { percentile } from '../../bench/figures.js'
import { newIdentity, newSession } from '../../signaling/fake-client.js'
import { WsClient } from '../../signaling/ws-client.js'

export type LoadCommand = { readonly do: 'measure'; readonly ms: number } | { readonly do: 'finish' }

/** Delays from the sending to the arrival, ms; and how late this process was itself. */
export interface Measured {
  readonly kind: 'measured'
  readonly frames: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly ownLoopMs: number
}

/** Frames: offered = delivered + dropped here by name + what the server says that it dropped. */
export interface Sums {
  readonly kind: 'sums'
  readonly offered: number
  readonly delivered: number
  readonly disordered: number
  readonly dropped: Readonly<Record<string, number>>
  /** Sockets that closed, by the server's reason; errors that it told. */
  readonly closed: readonly string[]
  readonly errors: readonly string[]
}

export type LoadEvent = { readonly kind: 'ready' } | Measured | Sums

/** Ids of the two sides of a call. */
export const idsOf = (call: number) => [`load-${call}-a`, `load-${call}-b`] as const

const FRAME_MS = 20
const TICK_MS = 2
const QUIET_MS = 1000

class Side {
  offered = 0
  delivered = 0
  disordered = 0
  readonly leg: RelayLeg
  nextAt: number
  #last = -1

  constructor(
    readonly client: WsClient,
    firstAt: number,
    onDelay: (ms: number) => void,
  ) {
    this.nextAt = firstAt
    this.leg = new RelayLeg({
      now: () => performance.now(),
      transmit: bytes => client.socket.send(bytes),
      deliver: payload => {
        const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
        const number = view.getUint32(8)
        if (payload.length !== SEALED_BYTES || number <= this.#last) this.disordered++
        this.#last = number
        this.delivered++
        onDelay(performance.now() - view.getFloat64(0))
      },
    })
    client.socket.on('message', (data: Buffer, isBinary: boolean) => isBinary && this.leg.receive(data))
  }

  speak(now: number): void {
    while (this.nextAt <= now) {
      this.nextAt += FRAME_MS
      const payload = new Uint8Array(SEALED_BYTES)
      const view = new DataView(payload.buffer)
      view.setFloat64(0, performance.now())
      view.setUint32(8, this.offered++)
      this.leg.send(payload)
    }
  }
}

const [port, calls] = process.argv.slice(2).map(Number) as [number, number]
const tell = (event: LoadEvent) => process.stdout.write(`${JSON.stringify(event)}\n`)
const url = `ws://127.0.0.1:${port}`
let delays: number[] = []
const sides: Side[] = []
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

for (let call = 0; call < calls; call++) {
  const from = `127.0.2.${call + 1}`
  const [one, two] = idsOf(call)
  const online = (id: string) => WsClient.online(url, id, newIdentity(), newSession(), from)
  const both = [await online(one), await online(two)] as const
  both[0].say({ type: 'call', to: two })
  both[1].say({ type: 'call', to: one })
  await Promise.all(both.map(client => client.next('matched')))
  for (const client of both) sides.push(new Side(client, 0, ms => delays.push(ms)))
}
const start = performance.now() + 100
sides.forEach((side, n) => {
  side.nextAt = start + (n * FRAME_MS) / sides.length
})
const voice = setInterval(() => {
  const now = performance.now()
  for (const side of sides) side.speak(now)
}, TICK_MS)
tell({ kind: 'ready' })

async function measure(ms: number): Promise<void> {
  delays = []
  delay.reset()
  await sleep(ms)
  const round = (value: number) => Math.round(value * 100) / 100
  const [p50, p99, max] = [percentile(delays, 0.5), percentile(delays, 0.99), percentile(delays, 1)].map(round)
  const ownLoopMs = round(delay.max / 1e6)
  tell({ kind: 'measured', frames: delays.length, p50: p50!, p99: p99!, max: max!, ownLoopMs })
}

const sum = (pick: (side: Side) => number) => sides.reduce((total, side) => total + pick(side), 0)

async function finish(): Promise<void> {
  clearInterval(voice)
  for (let before = -1, now = sum(side => side.delivered); now !== before; now = sum(side => side.delivered)) {
    before = now
    await sleep(QUIET_MS)
  }
  for (const { leg } of sides) leg.clear()
  const dropped: Record<string, number> = {}
  for (const { leg } of sides)
    for (const [why, count] of Object.entries(leg.figures.dropped)) dropped[why] = (dropped[why] ?? 0) + count
  const heard = sides.flatMap(({ client }) => client.heard)
  tell({
    kind: 'sums',
    offered: sum(side => side.offered),
    delivered: sum(side => side.delivered),
    disordered: sum(side => side.disordered),
    dropped,
    closed: sides.flatMap(({ client }) => (client.closed ? `${client.closed.code} ${client.closed.reason}` : [])),
    errors: heard.flatMap(message => (message.type === 'error' ? message.name : [])),
  })
  for (const { client } of sides) if (!client.closed) client.say({ type: 'leave', reason: 'hungUp' })
  await sleep(200)
  process.exit()
}

createInterface({ input: process.stdin })
  .on('line', line => {
    const command = JSON.parse(line) as LoadCommand
    if (command.do === 'measure') void measure(command.ms)
    else void finish()
  })
  .on('close', () => process.exit())
