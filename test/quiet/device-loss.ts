/** Devices that go and come back in mid-call, on real sound servers. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type ServerKind, SoundServer } from '../lab/sound-server.js'
import { Ear, sounding } from '../system/sounding.js'

/** Runs all of them, or says why not. */
export function testDeviceLoss(kind: ServerKind): void {
  const missing = SoundServer.missing(kind)
  t.test(kind, { skip: missing ?? false, timeout: 120_000 }, t => tests(t, kind))
}

function tests(t: Test, kind: ServerKind): void {
  t.test('a speaker goes and comes back: told, silent meanwhile, played again', async t => {
    const { server, audio, changes, told } = await sounding(t, kind, 'tone', 'spk')
    await audio.start()
    const [there, elsewhere] = [new Ear(server, 'spk.monitor'), new Ear(server, 'other.monitor')]
    t.ok(await there.hears(1000), 'the tone is heard')
    await server.unplug('spk')
    t.same(await told(1), ['speaker lost spk'])
    const [lost] = changes
    t.match(lost, { problem: { name: 'deviceLost', message: /speaker .* went away/ } })
    const played = audio.stats().framesPlayed
    t.equal(await elsewhere.listen(2200), 0, 'no other device plays it')
    const stats = audio.stats()
    t.ok(stats.framesPlayed - played > 80, 'what comes in is used up in its time')
    t.equal(stats.playoutDropped, 0)
    t.equal(changes.length, 1, 'told once')
    there.close()
    await server.plug('spk')
    t.same((await told(2))[1], 'speaker back spk')
    const again = new Ear(server, 'spk.monitor')
    t.ok(await again.hears(1000), 'the tone is heard again')
    t.equal(await elsewhere.listen(1500), 0)
    t.ok(audio.stats().bufferMs < 300, `${audio.stats().bufferMs} ms wait`)
    for (const ear of [again, elsewhere]) ear.close()
  })

  t.test('a microphone goes and comes back: told, nothing of another one is heard', async t => {
    const { server, audio, told, packets, flows } = await sounding(t, kind, 'mic.monitor', 'none')
    await audio.start()
    t.ok(await flows(), 'voice flows')
    await server.unplug('mic')
    t.same(await told(1), ['microphone lost mic.monitor'])
    packets()
    await sleep(2500)
    const meanwhile = packets()
    t.equal(meanwhile.voice, 0, 'nothing is sent')
    t.ok(meanwhile.all > 100, `and that goes on: ${meanwhile.all} empty packets`)
    await server.plug('mic')
    t.same((await told(2))[1], 'microphone back mic.monitor')
    t.ok(await flows(), 'voice flows again')
  })

  t.test('the default devices go: others are not taken instead', async t => {
    const { server, audio, told } = await sounding(t, kind, '', '')
    await server.pactl('set-default-sink', 'spk')
    await server.pactl('set-default-source', 'mic.monitor')
    await sleep(500)
    await audio.start()
    await sleep(500)
    await server.unplug('spk')
    t.same(await told(1), ['speaker lost spk'])
    await server.unplug('mic')
    t.same((await told(2))[1], 'microphone lost mic.monitor')
    await sleep(1500)
    await server.plug('mic')
    await server.plug('spk')
    t.same((await told(4)).slice(2).sort(), ['microphone back mic.monitor', 'speaker back spk'])
  })

  t.test('a person moves the call to another device: followed and told', async t => {
    const { server, audio, told } = await sounding(t, kind, 'tone', 'spk')
    await audio.start()
    await sleep(500)
    const elsewhere = new Ear(server, 'other.monitor')
    await server.moveTo('other')
    t.same(await told(1), ['speaker moved other'])
    t.ok(await elsewhere.hears(1000), 'the tone is heard there')
    elsewhere.close()
    await server.unplug('other')
    t.same((await told(2))[1], 'speaker lost other')
  })

  t.test('the sound server dies and comes back', async t => {
    const { server, audio, told, flows } = await sounding(t, kind, 'mic.monitor', 'spk')
    await audio.start()
    await sleep(500)
    await server.die()
    t.same((await told(2)).sort(), ['microphone lost mic.monitor', 'speaker lost spk'])
    await sleep(1200)
    await server.revive()
    for (const name of ['other', 'spk', 'mic']) await server.plug(name)
    t.same((await told(4)).slice(2).sort(), ['microphone back mic.monitor', 'speaker back spk'])
    t.ok(await flows(), 'voice flows again')
  })
  t.end()
}
