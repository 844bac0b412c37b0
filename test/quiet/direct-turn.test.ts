/** Where no direct way leads from home to home, one leads over a TURN server, if the operator names one. */
import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { coturn } from '../lab/coturn.js'
import { only } from '../lab/event.js'
import { NetworkLab } from '../lab/network.js'
import { bothOn, judgeBetween } from '../system/direct-call.js'
import { steadily } from '../system/steadily.js'
import { faultsOf, figures, sleep, WholeCall } from '../system/whole-call.js'

const SECRET = 'north-wind-over-water'
const PORT = 3478
/** Longer than one attempt: the first may be over before the TURN server answers. */
const DIRECT_MS = 20_000

t.setTimeout(290_000)

const skip = NetworkLab.available() ?? coturn.available() ?? false

for (const [a, b] of [
  ['native', 'native'],
  ['native', 'werift'],
] as const)
  t.test(`two symmetric NATs, ${a} and ${b}: direct over a TURN server`, { skip, timeout: 140_000 }, t =>
    steadily(t, t => overTurn(t, a, b)),
  )

async function overTurn(t: Test, a: 'native', b: 'native' | 'werift') {
  const network = await NetworkLab.start({ a: { nat: 'symmetric' }, b: { nat: 'symmetric' } })
  t.teardown(() => network.stop())
  const address = network.serverAddress
  t.teardown(coturn.start({ secret: SECRET, address, port: PORT, within: network.within('server') }))
  const secretFile = `${t.testdir()}/secret`
  writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 })
  const serverArgs = ['--turn', `turn:${address}:${PORT}?transport=udp`, '--turn-secret-file', secretFile]
  const free = { route: 'auto' } as const
  const call = await WholeCall.start(t, {
    network,
    serverArgs,
    a: { ...free, webrtc: a },
    b: { ...free, webrtc: b },
  })
  await call.talking(null)
  const talkingAt = Date.now()
  const directAt = Math.max(...(await bothOn(call, 'direct', DIRECT_MS, [0, 0])))
  await sleep(5_000)
  const end = Date.now()
  t.same(await call.hangUp(), [0, 0])
  const paths = [call.a, call.b].map(({ peer }) => only('stats', peer.events).at(-1)?.path)
  for (const path of paths) t.ok([path?.local, path?.remote].includes('relayed'), JSON.stringify(path))
  const ways = (['a', 'b'] as const).map(listener => {
    const hearing = judgeBetween(call.recordings(listener), directAt + 300, end)
    const name = `${call[listener].id} hears`
    return { note: figures(name, hearing, call[listener]), faults: faultsOf(name, hearing) }
  })
  return {
    notes: [`direct ${directAt - talkingAt} ms after talking`, ...ways.map(({ note }) => note)],
    faults: ways.flatMap(({ faults }) => faults),
    crowding: call.crowding,
  }
}
