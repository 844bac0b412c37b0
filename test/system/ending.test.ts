import t from 'tap'
import { only } from '../lab/event.js'
import { readWav } from '../measure/wav.js'
import { sleep, WholeCall } from './whole-call.js'

async function peersOnline(port: number): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`)
  return ((await answer.json()) as { peers: unknown }).peers
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  t.test(`hangs up on ${signal}: both end with 0, and the server has nobody left`, async t => {
    const call = await WholeCall.start(t)
    await call.talking()
    await sleep(1000)
    t.equal(await peersOnline(call.server.port), 2)
    call.a.peer.kill(signal)
    const exits = await Promise.all([call.a, call.b].map(({ peer }) => peer.exit()))
    t.same(exits, [
      { code: 0, signal: null },
      { code: 0, signal: null },
    ])
    const [a, b] = [call.a, call.b].map(({ peer }) => only('state', peer.events).at(-1))
    t.match(a, { state: 'ended', reason: 'hungUp' })
    t.match(b, { state: 'ended', reason: 'peerHungUp' })
    for (const { heard, peer } of [call.a, call.b]) {
      t.ok(readWav(heard).samples.length > 48_000 / 2, 'the file of what was heard is valid')
      t.notMatch(peer.stderr, /\n\s+at /, 'no stack trace')
    }
    t.equal(await peersOnline(call.server.port), 0)
  })
