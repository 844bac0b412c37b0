/** Sends frames both ways between two engines, and tells what was on the wire meanwhile. */
import type { Test } from 'tap'
import type { Connect, Signal } from '../../../peer/routes/connection.js'
import { UdpBetween } from '../../lab/udp-between.js'
import { connectionPair, pause, until } from './connection-pair.js'

/** Each way. More than there are calls to another lane. */
export const FRAMES = 80
export const FRAME_BYTES = 120

export interface WireOptions {
  /** What becomes of a signal on its way. */
  readonly change?: (signal: Signal) => Signal
  /** Of the frame of this number. */
  readonly sizes?: (n: number) => number
}

/** `numbers`: of the frames that came to each end, in order of number. */
export async function wire(t: Test, engines: readonly [Connect, Connect], { change, sizes }: WireOptions = {}) {
  const between = await UdpBetween.start()
  t.teardown(() => between.close())
  const pair = connectionPair(engines, {
    onTheWay: (signal, from) => between.onTheWay(change ? change(signal) : signal, from),
  })
  t.teardown(() => pair.close())
  pair.start()
  if (!(await until(pair.isOpen))) throw new Error(`it does not open: ${pair.a.told} ${pair.b.told}`)
  const from = between.passages.length
  for (let n = 0; n < FRAMES; n++) {
    for (const { connection } of [pair.a, pair.b])
      connection.send(new Uint8Array(sizes ? sizes(n) : FRAME_BYTES).fill(n))
    await pause(5)
  }
  await until(() => pair.a.received.length + pair.b.received.length >= 2 * FRAMES, 2_000)
  const passages = between.passages.slice(from)
  const count = (kind: string) => passages.filter(passage => passage.kind === kind).length
  const numbers = ([pair.a, pair.b] as const).map(({ received }) => sorted(received.map(([n = -1]) => n)))
  return { passages, numbers, rtp: count('rtp'), rtcp: count('rtcp'), dtls: count('dtls') }
}

function sorted(numbers: readonly number[]): number[] {
  return [...numbers].sort((x, y) => x - y)
}

/** The numbers of all frames. */
export const ALL = [...Array(FRAMES).keys()]
