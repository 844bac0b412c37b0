/** The engines of the peers in terminals against a browser's: what the one suite asks of all must hold between them too. */
import t from 'tap'
import type { Connect } from '../../peer/routes/connection.js'
import { loadNative } from '../../peer/routes/node-native.js'
import { loadWerift } from '../../peer/routes/node-werift.js'
import { Chromium } from '../lab/chromium.js'
import { connects } from '../peer/routes/compliance.js'
import { connectionPair, until } from '../peer/routes/connection-pair.js'
import { ALL, FRAMES, wire } from '../peer/routes/wire.js'

t.setTimeout(290_000)

const load = (name: string, loader: () => Promise<Connect>) =>
  loader().catch((error: Error) => `${name} does not load on this machine: ${error.message}`)
const engines = {
  native: await load('node-datachannel', loadNative),
  werift: await load('werift', loadWerift),
}
const chromium = await Chromium.start().catch((error: Error) => error.message)
const skip = typeof chromium === 'string' ? chromium : false
t.teardown(async () => {
  if (typeof chromium !== 'string') await chromium.stop()
})

for (const [name, engine] of Object.entries(engines)) {
  const missing = skip || (typeof engine === 'string' ? engine : false)
  if (typeof chromium === 'string' || typeof engine === 'string') {
    t.test(`${name} and Chromium`, { skip: missing }, async () => {})
    continue
  }
  t.test(`${name} and Chromium`, async t => connects(t, [engine, chromium.connect]))
  t.test(`Chromium and ${name}`, async t => connects(t, [chromium.connect, engine]))
  for (const pair of [[engine, chromium.connect] as const, [chromium.connect, engine] as const])
    t.test(`${pair[0] === engine ? name : 'Chromium'} offers: frames are on the data channel`, async t => {
      const { numbers, rtp, dtls } = await wire(t, pair)
      t.same(numbers, [ALL, ALL], 'all came, each once')
      t.ok(dtls >= 2 * FRAMES, `${dtls} packets of DTLS`)
      t.equal(rtp, 0)
    })
}

t.test('Chromium and Chromium', { skip }, async t => {
  if (typeof chromium !== 'string') connects(t, [chromium.connect, chromium.connect])
})

t.test('addresses behind names of mDNS do no harm, and a page that dies is a failure', { skip }, async t => {
  const hiding = await Chromium.start({ mdns: true })
  t.teardown(() => hiding.stop())
  const pairs = Object.entries(engines).flatMap(([name, engine]) =>
    typeof engine === 'string'
      ? []
      : [
          { name: `${name} and Chromium`, connects: [engine, hiding.connect] as const },
          { name: `Chromium and ${name}`, connects: [hiding.connect, engine] as const },
        ],
  )
  const opened = []
  for (const { name, connects } of pairs) {
    const candidates: string[] = []
    const pair = connectionPair(connects, {
      onTheWay: signal => {
        if (signal.kind === 'candidate') candidates.push(signal.text)
        return signal
      },
    })
    t.teardown(() => pair.close())
    pair.start()
    const opens = await until(pair.isOpen, 5_000)
    t.ok(
      candidates.some(text => text.includes('.local ')),
      'it hides them',
    )
    t.comment(`${name}: ${opens ? 'opens' : 'does not open within 5 s'}`)
    opened.push(pair)
  }
  await hiding.stop()
  const failed = (told: readonly string[]) => told.filter(words => words.startsWith('failed')).length
  const inPage = opened.map(({ a, b }, i) => (i % 2 === 0 ? b : a))
  t.ok(await until(() => inPage.every(({ told }) => failed(told) === 1)), 'each is told once')
  const late = connectionPair([hiding.connect, hiding.connect])
  late.start()
  t.ok(await until(() => failed(late.a.told) + failed(late.b.told) === 2), 'and those made later too')
  late.close()
})
