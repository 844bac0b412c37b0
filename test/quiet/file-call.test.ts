import t from 'tap'
import { only } from '../lab/event.js'
import { steadily } from '../system/steadily.js'
import { judgeBoth, sleep, WholeCall } from '../system/whole-call.js'

t.setTimeout(240_000)
/** No sound server answers there. */
const NO_SOUND = { env: { PULSE_SERVER: 'unix:/nonexistent', XDG_RUNTIME_DIR: '/nonexistent' } }

t.test('carries speech both ways at once over file devices, without a sound system', { timeout: 240_000 }, t =>
  steadily(t, async t => {
    const call = await WholeCall.start(t, { a: NO_SOUND, b: NO_SOUND })
    await call.talking()
    await sleep(12_000)
    t.same(await call.hangUp(), [0, 0])
    const [a, b] = [call.a, call.b].map(({ peer }) => only('verify', peer.events))
    for (const verify of [a, b]) t.match(verify?.[0], { how: 'password', verified: true })
    t.match(a?.[0]?.code, /^[A-Z0-9]{6}$/)
    t.equal(a?.[0]?.code, b?.[0]?.code)
    for (const { peer } of [call.a, call.b]) t.same(peer.strays, [], 'stdout holds nothing but JSON')
    return judgeBoth(call)
  }),
)
