/** TLS by nginx, HAProxy and Caddy in front of the server, with the files of signaling/deploy. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { defaultLimits } from '../../signaling/limits.js'
import { startServer } from '../../signaling/server.js'
import type { ServerOptions } from '../../signaling/server-options.js'
import { Lab } from '../lab/lab.js'
import {
  DOMAIN,
  makeCertificate,
  type ProxyName,
  type ProxyOptions,
  proxyNames,
  quietPort,
  type RunningProxy,
  startProxy,
  whyNoProxy,
} from '../lab/web-proxy.js'
import { legFrame } from '../leg-message.js'
import { newIdentity, newSession } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'

t.setTimeout(290_000)

const lab = new Lab()
t.teardown(() => lab.close())
const tls = makeCertificate(lab.path('certificate'))
/** How a client dials the name that DNS does not know. */
const dial = {
  ca: readFileSync(tls.certificate),
  lookup: (_: string, { all }: { all?: boolean }, done: (...answer: unknown[]) => void) =>
    all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
} as object
let folders = 0

const frame = (seq: number, ...payload: number[]) => Buffer.from(legFrame(seq, payload))

class Front {
  private constructor(
    readonly url: string,
    readonly port: number,
    readonly to: number,
    readonly proxy: RunningProxy,
  ) {}

  /** Our server, if any options are given, behind this proxy. */
  static async start(t: Test, name: ProxyName, options?: ServerOptions, own: Partial<ProxyOptions> = {}) {
    const [port, to, other] = [await quietPort(), own.to ?? (await quietPort()), await quietPort()]
    const url = `wss://${DOMAIN}:${port}`
    if (options) {
      const server = await startServer({ host: '127.0.0.1', port: to, stunPort: null, publicUrls: [url], ...options })
      t.teardown(() => server.close())
    }
    const proxy = await startProxy(name, { folder: lab.path(`proxy-${folders++}`), port, to, other, ...own }, tls)
    t.teardown(() => proxy.close())
    const front = new Front(url, port, to, proxy)
    // HAProxy asks first whether the server is well.
    while ((await front.get('/healthz')).status === 503) await sleep(100)
    return front
  }

  online(id: string, { identity = newIdentity(), session = newSession(), from = '127.0.0.1', says = {} } = {}) {
    return WsClient.online(this.url, id, identity, session, from, says, dial)
  }

  get(path: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      // As it is, also where it is no proper URL.
      const options = { host: DOMAIN, port: this.port, path, agent: false, ...dial }
      request(options, response => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
        .on('error', reject)
        .end()
    })
  }
}

for (const name of proxyNames)
  t.test(name, { skip: whyNoProxy(name) ?? false }, async t => {
    t.test('brings two people together, and their voice both ways', async t => {
      const front = await Front.start(t, name, {})
      const [a, b] = [await front.online('anna'), await front.online('ben')]
      a.say({ type: 'call', to: 'ben' })
      b.say({ type: 'call', to: 'anna' })
      await Promise.all([a.next('matched'), b.next('matched')])
      for (let n = 0; n < 20; n++) {
        a.socket.send(frame(n, 1, n))
        b.socket.send(frame(n, 2, n))
      }
      const voice = (client: WsClient) => client.binary.filter(data => data[0] === 1)
      const payloads = (client: WsClient) => voice(client).map(data => [...data.subarray(LEG_HEADER_BYTES)])
      await Promise.all([a.until(() => voice(a).length === 20), b.until(() => voice(b).length === 20)])
      for (const [client, from] of [
        [b, 1],
        [a, 2],
      ] as const)
        t.same(
          payloads(client),
          Array.from({ length: 20 }, (_, n) => [from, n]),
        )
    })

    t.test('tells the server who comes, and lets nobody say so for himself', async t => {
      const front = await Front.start(t, name, { limits: { socketsPerAddress: 2 } })
      const come = async (from: string, says = {}) => {
        const id = `i${Math.random()}`.replace('.', '')
        const client = await front.online(id, { from, says })
        const refused = client.heard.find(({ type }) => type === 'refused')
        return refused?.type === 'refused' ? refused.reason : 'online'
      }
      t.equal(await come('127.0.0.2'), 'online')
      t.equal(await come('127.0.0.2'), 'online')
      t.equal(await come('127.0.0.2'), 'tooMany')
      t.equal(await come('127.0.0.2', { 'x-forwarded-for': '203.0.113.9' }), 'tooMany', 'it is not believed')
      t.equal(await come('127.0.0.3'), 'online', 'another one')
    })

    t.test('passes on what is for everybody, and nothing else', async t => {
      const asked: string[] = []
      const inside = createServer(({ url = '' }, response) => {
        asked.push(url)
        response.end('inside')
      }).listen(0, '127.0.0.1')
      await once(inside, 'listening')
      t.teardown(() => inside.close())
      const { port: to } = inside.address() as AddressInfo
      const front = await Front.start(t, name, undefined, { to })
      t.same(await front.get('/healthz'), { status: 200, text: 'inside' })
      for (const path of [
        '/metrics',
        '/readyz',
        '/metrics/',
        '/METRICS',
        '/%6detrics',
        '//metrics',
        '/healthz/../metrics',
        '/?/../metrics',
        '/healthz/x',
        '/metrics?/healthz',
        '/./metrics',
      ])
        await front.get(path)
      const paths = new Set(asked.map(url => url.split('?')[0]))
      for (const open of ['/', '/healthz']) paths.delete(open)
      t.same([...paths], [], 'nothing else comes through')
      t.equal((await front.get('/metrics')).status, 404)
      t.equal((await front.get('/readyz')).status, 404)
    })

    t.test('keeps a call in which nothing is said', async t => {
      const front = await Front.start(t, name, { limits: { pingMs: 500 } }, { idleSeconds: 4 })
      const [a, b] = [await front.online('anna'), await front.online('ben')]
      a.say({ type: 'call', to: 'ben' })
      b.say({ type: 'call', to: 'anna' })
      await Promise.all([a.next('matched'), b.next('matched')])
      let pings = 0
      // Three times as long as it would wait for anything.
      await new Promise<void>(resolve => a.socket.on('ping', () => ++pings === 24 && resolve()))
      t.same([a.closed, b.closed], [null, null])
      a.socket.send(frame(0, 7))
      await b.until(() => b.binary.length === 1)
    })

    // Caddy waits for ever.
    if (name !== 'caddy')
      t.test('would end one that nothing comes from, not even a ping', async t => {
        const front = await Front.start(t, name, { limits: { pingMs: 3_600_000 } }, { idleSeconds: 2 })
        const a = await front.online('anna')
        t.equal((await a.untilClosed()).code, 1006)
      })

    t.test('takes up its settings again, and whoever was cut off comes back into the call', async t => {
      const front = await Front.start(t, name, {})
      const keys = [0, 1].map(() => ({ identity: newIdentity(), session: newSession() }))
      const enter = () => Promise.all([front.online('anna', keys[0]), front.online('ben', keys[1])])
      const [a, b] = await enter()
      a.say({ type: 'call', to: 'ben' })
      b.say({ type: 'call', to: 'anna' })
      const { callId } = await a.next('matched')
      await b.next('matched')
      await front.proxy.reload()
      // nginx and HAProxy keep what is open, Caddy 2.6 cuts it off.
      const [again, other] = await enter()
      again.say({ type: 'call', to: 'ben', resume: callId })
      other.say({ type: 'call', to: 'anna', resume: callId })
      for (const client of [again, other]) t.match(await client.next('matched'), { callId, resumed: true })
      again.socket.send(frame(0, 7))
      await other.until(() => other.binary.length === 1)
    })
  })

t.test('no proxy waits for less than the server takes to find out that somebody is gone', async t => {
  const patience = defaultLimits.pingMs * (defaultLimits.pingMisses + 1)
  for (const [file, pattern] of [
    ['nginx.conf', /_timeout (\d+)s;/g],
    ['haproxy.cfg', /timeout (?:client|server|tunnel) (\d+)s/g],
  ] as const) {
    const text = readFileSync(new URL(`../../../signaling/deploy/${file}`, import.meta.url), 'utf8')
    const seconds = [...text.matchAll(pattern)].map(([, number]) => Number(number))
    t.ok(seconds.length > 1)
    for (const each of seconds) t.ok(each * 1000 > patience, `${file}: ${each} s`)
  }
})
