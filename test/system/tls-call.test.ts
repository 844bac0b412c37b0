/** Real programs over a server that speaks TLS itself, by a certificate of our own. */
import { renameSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import t from 'tap'
import { Authority, type Issued, selfSigned } from '../lab/authority.js'
import { only } from '../lab/event.js'
import { freePort, Lab } from '../lab/lab.js'
import { steadily } from './steadily.js'
import { judgeBoth, sleep, WholeCall } from './whole-call.js'

t.setTimeout(240_000)
const NAMES = ['localhost', '127.0.0.1']

/** Writes a certificate and its key in the place of those before. */
function put(lab: Lab, { cert, key }: Issued) {
  const files = { cert: lab.path('cert.pem'), key: lab.path('key.pem') }
  for (const [file, text] of [
    [files.cert, cert],
    [files.key, key],
  ] as const) {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
  return files
}

/** The serial number of the certificate that a new connection meets. */
function serialAt(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    }).on('error', reject)
  })
}

t.test('a call by name and by address, with another certificate in its middle', t =>
  steadily(t, async t => {
    const authority = new Authority()
    const lab = new Lab()
    t.teardown(() => lab.close())
    const ca = lab.path('authority.pem')
    writeFileSync(ca, authority.cert)
    const tls = put(lab, authority.issue({ names: NAMES }))
    const port = await freePort()
    const env = { NODE_EXTRA_CA_CERTS: ca }
    const call = await WholeCall.start(t, {
      port,
      tls,
      a: { url: `wss://localhost:${port}`, env },
      b: { url: `wss://127.0.0.1:${port}`, env },
    })
    await call.talking()
    await sleep(4000)
    const before = await serialAt(port, authority.cert)
    put(lab, authority.issue({ names: NAMES }))
    call.server.kill('SIGHUP')
    await call.server.event(line => line.msg === 'certificate read again')
    t.not(await serialAt(port, authority.cert), before, 'who comes now meets another one')
    await sleep(4000)
    t.notOk(
      call.server.events.some(line => line.msg === 'offline'),
      'nobody had to come again',
    )
    t.same(await call.hangUp(), [0, 0])
    const ended = await call.server.event(line => line.msg === 'call ended')
    t.equal(ended.dropped, undefined, 'the server dropped no frame')
    const outcome = judgeBoth(call)
    const lost = [call.a, call.b].map(({ peer }) => only('stats', peer.events).at(-1)?.framesLost)
    return { ...outcome, notes: [...outcome.notes, `lost in the two programs: ${lost}`] }
  }),
)

t.test('a test call, whose echo needs no certificate; and what people are told whom the certificate stops', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const tls = put(lab, selfSigned({ names: ['localhost', 'voice.test'] }))
  const server = await lab.server({ tls, args: ['--echo'] })
  await server.event(line => line.msg === 'echo ready', 20_000)
  const url = `wss://localhost:${server.port}`
  const silent = ['--mic', 'tone', '--speaker', 'none']
  const trusting = { env: { NODE_EXTRA_CA_CERTS: tls.cert } }
  const tested = lab.peer(['--test-call', '--for', '4', '--server', url, ...silent], trusting)
  const call = ['--id', 'ABC', '--to', 'XYZ', ...silent]
  const mistakes = [
    [url, {}, /cannot be reached: its certificate is self-signed, .* NODE_EXTRA_CA_CERTS/],
    [`wss://127.0.0.1:${server.port}`, trusting, /its certificate is for another name \(localhost, voice\.test\)/],
    [`ws://localhost:${server.port}`, {}, /cannot be reached: it speaks TLS alone: write wss:/],
  ] as const
  const told = mistakes.map(([server, options]) => lab.peer([...call, '--server', server], options))
  t.equal((await tested.exit(40_000)).code, 0, tested.describe())
  for (const [i, peer] of told.entries()) {
    t.equal((await peer.exit(40_000)).code, 3)
    t.match(peer.strays.join('\n'), mistakes[i]![2])
  }
})
