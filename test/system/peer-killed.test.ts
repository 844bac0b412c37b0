import t from 'tap'
import { only } from '../lab/event.js'
import { readWav } from '../measure/wav.js'
import { sleep, WholeCall } from './whole-call.js'

t.setTimeout(120_000)

t.test('shows a killed peer as silent within 2 s, and ends by 35 s with code 6', { timeout: 90_000 }, async t => {
  const call = await WholeCall.start(t)
  await call.talking()
  await sleep(2000)
  const killedAt = Date.now()
  call.b.peer.kill('SIGKILL')
  const silent = await call.a.peer.event(event => event.event === 'state' && event.reason === 'silent')
  t.comment(`silent after ${silent.t - killedAt} ms`)
  t.ok(silent.t - killedAt <= 2000, 'within 2 s')
  const { samples } = readWav(call.b.heard)
  const playedMs = samples.length / 48
  const [devices] = only('devices', call.b.peer.events)
  const livedMs = killedAt - (devices?.speaker.startedAt ?? Number.NaN)
  t.comment(`the killed one's file holds ${playedMs.toFixed(0)} of ${livedMs.toFixed(0)} ms`)
  t.ok(playedMs > livedMs - 500, 'the file is valid, and nearly all is there')
  t.equal((await call.a.peer.exit(40_000)).code, 6)
  const [last] = only('state', call.a.peer.events).slice(-1)
  t.match(last, { state: 'ended', reason: 'vanished' })
  const tookMs = last!.t - killedAt
  t.comment(`ended after ${tookMs} ms`)
  t.ok(tookMs <= 35_000, 'by 35 s')
  const [error] = only('error', call.a.peer.events)
  t.match(error, { name: 'vanished' })
  t.comment(`${error?.message} ${error?.hint}`)
})
