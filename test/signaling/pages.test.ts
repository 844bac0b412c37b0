/** Plain HTTP: who is answered what. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { isLocal } from '../../signaling/local-request.js'
import { parseMetricsAddress } from '../../signaling/metrics-address.js'
import { openMetricsPort } from '../../signaling/metrics-port.js'
import { lanAddress } from '../../signaling/origins.js'
import { Pages } from '../../signaling/pages.js'
import { Readiness } from '../../signaling/readiness.js'
import { startServer } from '../../signaling/server.js'
import type { ServerOptions } from '../../signaling/server-options.js'

/** A page of figures that no other test makes. */
const metrics = () => ({ contentType: 'text/plain; version=0.0.4', read: async () => 'a 1\n' })

async function serve(t: Test, options: ServerOptions = {}) {
  const server = await startServer({ host: '127.0.0.1', port: 0, stunPort: null, metrics, ...options })
  t.teardown(() => server.close())
  return server
}

/** Status and body; the connection has to be ended by the server. */
async function get(port: number, path: string, { host = 'localhost', headers = '', at = '127.0.0.1' } = {}) {
  const socket = connect(port, at)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`)
  let text = ''
  socket.setEncoding('latin1').on('data', (data: string) => {
    text += data
  })
  await once(socket, 'close')
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? []
  return { status: Number(status), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
}

t.test('says whether it takes new calls, and why not', async t => {
  const { port, readiness } = await serve(t)
  t.match(await get(port, '/readyz'), { status: 200, body: /"status":"ready"/ })
  readiness.hold('draining')
  t.match(await get(port, '/readyz'), { status: 503, body: /"reasons":\["draining"\]/ })
  t.match(await get(port, '/healthz'), { status: 200, body: /"status":"ok"/ }, 'it is well all the same')
  readiness.release('draining')
  t.equal((await get(port, '/readyz')).status, 200)
})

t.test('does so while it starts, and when it closes', async t => {
  const readiness = new Readiness('starting')
  const pages = new Pages({ readiness, health: () => ({}), metrics: null })
  const monitors = await openMetricsPort({ host: '127.0.0.1', port: 0 })
  t.teardown(() => monitors.close())
  t.equal((await get(monitors.port, '/readyz')).status, 503, 'there is nothing yet')
  monitors.show(pages)
  t.match(await get(monitors.port, '/readyz'), { status: 503, body: /"reasons":\["starting"\]/ })
  readiness.release('starting')
  t.equal((await get(monitors.port, '/readyz')).status, 200)
  t.equal((await get(monitors.port, '/metrics')).status, 404, 'there are no figures')
  const server = await serve(t)
  const closed = server.close()
  t.same(server.readiness.holds, ['draining'])
  await closed
})

t.test('shows its figures to this machine alone, and through no proxy', async t => {
  const { port } = await serve(t)
  for (const host of ['localhost', `localhost:${port}`, '127.0.0.1:9001', '[::1]:9001'])
    t.match(await get(port, '/metrics', { host }), { status: 200, body: /a 1\n/ }, host)
  for (const host of ['voice.example.org', '127.0.0.1.evil.test', '192.0.2.1:9001', ''])
    t.equal((await get(port, '/metrics', { host })).status, 404, `a page that calls itself ${host}`)
  for (const header of ['X-Forwarded-For: 127.0.0.1', 'x-forwarded-for:', 'Forwarded: for=127.0.0.1', 'Via: 1.1 x'])
    t.equal((await get(port, '/metrics', { headers: `${header}\r\n` })).status, 404, header)
  const post = connect(port, '127.0.0.1').end('POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n')
  t.match(String((await once(post, 'data'))[0]), /^HTTP\/1\.1 404/)
  const none = await startServer({ host: '127.0.0.1', port: 0, stunPort: null })
  t.teardown(() => none.close())
  t.equal((await get(none.port, '/metrics')).status, 404, 'nor where there are none')
})

t.test('does not where everybody comes from this machine, since a proxy stands before it', async t => {
  const { port } = await serve(t, { publicUrls: ['wss://voice.example.org'] })
  t.equal((await get(port, '/metrics')).status, 404)
  t.equal((await get(port, '/readyz')).status, 200)
  const open = await serve(t, { host: '::', publicUrls: ['ws://voice.example.org'] })
  t.equal((await get(open.port, '/metrics')).status, 200, 'but where it listens for all itself')
})

t.test('does not to other machines', async t => {
  const outside = lanAddress()
  if (outside === undefined) return void t.pass('', { skip: 'this machine has no address but its loopback' })
  const { port } = await serve(t, { host: '0.0.0.0' })
  t.equal((await get(port, '/metrics', { at: outside })).status, 404)
  t.equal((await get(port, '/healthz', { at: outside })).status, 200)
})

t.test('shows them at a listener of its own instead', async t => {
  const { port, metricsPort } = await serve(t, { metricsListen: { host: '127.0.0.1', port: 0 } })
  t.not(metricsPort, port)
  const headers = 'X-Forwarded-For: 192.0.2.1\r\n'
  t.match(await get(metricsPort!, '/metrics', { host: 'voice.internal', headers }), { status: 200, body: /a 1\n/ })
  for (const path of ['/readyz', '/healthz']) t.equal((await get(metricsPort!, path)).status, 200, path)
  t.equal((await get(metricsPort!, '/')).status, 404)
  t.equal((await get(port, '/metrics')).status, 404, 'and there alone')
  t.equal((await serve(t)).metricsPort, null)
})

t.test('lets a monitor of this machine in whatever others ask for', async t => {
  const limits = { requestsPerAddressPerMinute: 5 }
  const { port } = await serve(t, { limits })
  const statuses = async (options: Parameters<typeof get>[2]) => {
    const all = []
    for (let n = 0; n < 6; n++) all.push((await get(port, '/healthz', options)).status)
    return all
  }
  t.same(
    await statuses({ host: 'voice.example.org' }),
    [200, 200, 200, 200, 200, 429],
    'through a proxy that says nothing',
  )
  t.same(await statuses({}), [200, 200, 200, 200, 200, 429], 'who asks here has as many, and no more')
  const headers = 'X-Forwarded-For: 192.0.2.1\r\n'
  t.same(await statuses({ headers }), [200, 200, 200, 200, 200, 429], 'and so has each who comes through a proxy')
})

t.test('answers with 500 when the figures cannot be read, and goes on', async t => {
  const broken = () => ({ contentType: 'text/plain', read: () => Promise.reject(new Error('no figures')) })
  const { port } = await serve(t, { metrics: broken })
  t.match(await get(port, '/metrics'), { status: 500, body: /no figures/ })
  t.equal((await get(port, '/healthz')).status, 200)
})

t.test('names what keeps it from listening for monitors, and leaves nothing behind', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const own = (free.address() as { port: number }).port
  free.close()
  await once(free, 'close')
  const options = { host: '127.0.0.1', port: own, metrics }
  const problem = { name: 'noMetricsPort', message: /EADDRINUSE/, hint: /--metrics-listen/ }
  await t.rejects(startServer({ ...options, metricsListen: { host: '127.0.0.1', port } }), problem)
  await t.rejects(startServer({ ...options, metricsListen: { host: '192.0.2.1', port: 0 } }), { name: 'noMetricsPort' })
  await (await startServer(options)).close()
})

t.test('reads where to listen', async t => {
  const cases: [string, [string, number] | null][] = [
    ['9464', ['127.0.0.1', 9464]],
    ['0', ['127.0.0.1', 0]],
    ['10.0.0.5:9464', ['10.0.0.5', 9464]],
    ['[fd00::5]:9464', ['fd00::5', 9464]],
    ['monitors.internal:9464', ['monitors.internal', 9464]],
    ['', null],
    [':9464', null],
    ['10.0.0.5', null],
    ['10.0.0.5:', null],
    ['fd00::5:9464', null],
    ['[]:9464', null],
    ['70000', null],
    ['nine', null],
  ]
  for (const [text, expected] of cases) {
    const parsed = parseMetricsAddress(text)
    t.same(parsed.ok ? [parsed.value.host, parsed.value.port] : null, expected, text)
    if (!parsed.ok) t.match(parsed.error.message, /10\.0\.0\.5:9464/)
  }
})

t.test('knows what was asked for on this machine', async t => {
  const from = (remoteAddress: string | undefined, host?: string) =>
    isLocal({ socket: { remoteAddress }, headers: host === undefined ? {} : { host } })
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) t.ok(from(address, 'localhost:9001'), address)
  for (const address of ['192.0.2.1', '::ffff:192.0.2.1', undefined])
    t.notOk(from(address, 'localhost:9001'), `${address}`)
  t.notOk(from('127.0.0.1'), 'no name')
})
