/** A whole call, one side on a sound server: its speaker is pulled out and put back, then the server dies and comes back. */
import t from 'tap'
import type { JsonEvent } from '../../peer/terminal/json-output.js'
import { SoundServer } from '../lab/sound-server.js'
import { readWav } from '../measure/wav.js'
import { Ear } from '../system/sounding.js'
import { sleep, WholeCall } from '../system/whole-call.js'

const missing = SoundServer.missing('PulseAudio')

t.test('a call outlives its sound devices and tells of them', { skip: missing ?? false, timeout: 90_000 }, async t => {
  const sound = await SoundServer.start('PulseAudio')
  t.teardown(() => sound.stop())
  for (const name of ['mic', 'spk', 'other']) await sound.plug(name)
  const { XDG_CONFIG_HOME: _, ...env } = sound.env
  const devices = ['--audio', 'pulse', '--mic', 'the_mic', '--speaker', 'the_spk']
  const call = await WholeCall.start(t, { a: { env, devices } })
  await call.talking()
  const changes = () => call.a.peer.events.filter(event => event.event === 'device')
  const changed = (device: string, change: string, from: number) =>
    call.a.peer.event(
      event => event.event === 'device' && event.device === device && event.change === change,
      15_000,
      from,
    )
  const now = () => call.a.peer.events.length
  const ear = new Ear(sound, 'spk.monitor')
  t.ok((await ear.listen(2000))! > 500, 'the other side is heard')
  ear.close()

  let from = now()
  await sound.unplug('spk')
  t.match(await changed('speaker', 'lost', from), {
    name: 'spk',
    label: 'The_spk',
    message: /speaker The_spk went away/,
    hint: /./,
  })
  await sleep(1500)
  await sound.plug('spk')
  t.match(await changed('speaker', 'back', from), { name: 'spk' })
  t.equal(changes().length, 2, 'each told once')
  const again = new Ear(sound, 'spk.monitor')
  t.ok((await again.listen(2000))! > 500, 'the other side is heard again')
  again.close()

  from = now()
  await sound.die()
  await Promise.all([changed('microphone', 'lost', from), changed('speaker', 'lost', from)])
  await sleep(1000)
  await sound.revive()
  for (const name of ['mic', 'spk']) await sound.plug(name)
  await Promise.all([changed('microphone', 'back', from), changed('speaker', 'back', from)])

  const states = call.b.peer.events.filter((event): event is JsonEvent & { event: 'state' } => event.event === 'state')
  t.equal(states.at(-1)?.state, 'talking', 'the other side noticed nothing')
  t.notOk(states.some(({ reason }) => reason === 'silent'))
  t.same(await call.hangUp(), [0, 0])
  t.ok(readWav(call.b.heard).samples.length > 0)
})
