import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import type { Connect, Signal } from '../../../peer/routes/connection.js'
import { loadNative } from '../../../peer/routes/node-native.js'
import { wake } from '../../../peer/routes/node-wake.js'
import { connectionPair, until } from './connection-pair.js'

/** Enough: without it one in two repeats. */
const STARTS = 8

t.test('sends to our own port, from the address that it names as a candidate', async t => {
  const library = createSocket('udp4').bind(0, '127.0.0.1')
  t.teardown(() => library.close())
  await once(library, 'listening')
  const candidates: string[] = []
  wake(`a=candidate:1 1 UDP 2114977791 192.0.2.1 ${library.address().port} typ host\r\n`, text => candidates.push(text))
  const [bytes, from] = await once(library, 'message')
  t.same(candidates, [`candidate:wake 1 udp 1 127.0.0.1 ${from.port} typ host`])
  t.same([...bytes], [0], 'neither STUN nor DTLS')
})

t.test('does nothing where there is no port yet', async t => {
  wake('v=0\r\n', () => t.fail('a candidate'))
})

const native = await loadNative().catch((error: Error) => `node-datachannel does not load here: ${error.message}`)

t.test('no first flight is repeated that comes early', { skip: typeof native === 'string' && native }, async t => {
  if (typeof native === 'string') return
  let repeated = 0
  const { initLogger, cleanup } = await import('node-datachannel')
  t.teardown(cleanup) // else the logger keeps the process
  initLogger('Verbose', (_, message) => {
    if (message.includes('DTLS retransmit done')) repeated++
  })
  // Only the offerer checks of its own accord; the answerer follows 50 ms later, when it has the offerer's first flight.
  const silent: Connect = (events, servers) =>
    native({ ...events, signal: signal => signal.kind !== 'candidate' && events.signal(signal) }, servers)
  // As if from beyond a NAT: those are checked at once.
  const onTheWay = (signal: Signal) => ({ ...signal, text: signal.text.replace(' typ host', ' typ srflx') })
  for (let n = 0; n < STARTS; n++) {
    const pair = connectionPair([silent, native], { onTheWay })
    pair.start()
    t.ok(await until(pair.isOpen))
    pair.close()
  }
  t.equal(repeated, 0)
})
