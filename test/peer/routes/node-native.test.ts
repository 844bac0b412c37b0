import t from 'tap'
import { loadNative } from '../../../peer/routes/node-native.js'
import { startStun } from '../../../signaling/stun-server.js'
import { connectionPair, until } from './connection-pair.js'

const native = await loadNative().catch((error: Error) => error.message)

for (const host of ['127.0.0.1', '::1'])
  t.test(`learns its address from a STUN server at ${host}`, async t => {
    const stun = await startStun({ host, port: 0 }).catch((error: Error) => error.message)
    const missing = [native, stun].find(part => typeof part === 'string')
    if (typeof native === 'string' || typeof stun === 'string') return void t.pass('', { skip: missing })
    t.teardown(() => stun.close())
    const candidates: string[] = []
    const url = `stun:${host.includes(':') ? `[${host}]` : host}:${stun.port}`
    const pair = connectionPair([native, native], {
      servers: [{ url }],
      onTheWay: signal => {
        if (signal.kind === 'candidate') candidates.push(signal.text)
        return signal
      },
    })
    t.teardown(() => pair.close())
    pair.start()
    const learned = () => candidates.some(text => text.includes(` ${host} `) && text.includes('typ srflx'))
    t.ok(await until(learned, 5_000), `${candidates}`)
  })
