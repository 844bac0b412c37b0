/** Devices that go and come back in mid-call, on real sound servers. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Audio, DeviceChange } from '../../peer/audio/audio.js'
import { createWorkerAudio } from '../../peer/audio/worker-audio.js'
import { type ServerKind, SoundServer } from '../lab/sound-server.js'

/** Runs all of them, or says why not. */
export function testDeviceLoss(kind: ServerKind): void {
  const missing = SoundServer.missing(kind)
  t.test(kind, { skip: missing ?? false, timeout: 120_000 }, t => tests(t, kind))
}

/** How loud a device is, heard as a person would. */
class Ear {
  #loudest = 0
  #bytes = 0
  readonly #parec: ChildProcess

  constructor(server: SoundServer, source: string) {
    const format = ['--raw', '--format=s16le', '--rate=48000', '--channels=1', '--latency-msec=10']
    this.#parec = server.spawn('parec', [...format, `--device=${source}`])
    this.#parec.stdout!.on('data', (bytes: Buffer) => {
      this.#bytes += bytes.length
      for (let i = 0; i + 1 < bytes.length; i += 2)
        this.#loudest = Math.max(this.#loudest, Math.abs(bytes.readInt16LE(i)))
    })
  }

  /** The peak of what is heard for so long from now on; null if nothing at all comes, not even silence. */
  async listen(ms: number): Promise<number | null> {
    this.#loudest = 0
    this.#bytes = 0
    await sleep(ms)
    return this.#bytes === 0 ? null : this.#loudest
  }

  close(): void {
    this.#parec.kill()
  }
}

interface Sounding {
  readonly server: SoundServer
  readonly audio: Audio
  readonly changes: DeviceChange[]
  /** Waits for so many changes in all. */
  readonly told: (count: number) => Promise<string[]>
  /** Packets with voice in them, and all, since the last time. */
  readonly packets: () => { voice: number; all: number }
  /** Whether soon nearly all packets of a second have voice in them. */
  readonly flows: () => Promise<boolean>
}

/** A sound server with three devices, and sound that is sent back to where it came from. */
async function sounding(t: Test, kind: ServerKind, microphone: string, speaker: string): Promise<Sounding> {
  const server = await SoundServer.start(kind)
  for (const name of ['mic', 'spk', 'other']) await server.plug(name)
  // Each server has all of these, and the default devices are its own affair.
  Object.assign(process.env, server.env)
  delete process.env.PULSE_SINK
  delete process.env.PULSE_SOURCE
  const audio = createWorkerAudio({ microphone, speaker, backend: 'pulse' })
  t.teardown(async () => {
    await audio.stop()
    await server.stop()
  })
  const changes: DeviceChange[] = []
  let [voice, all] = [0, 0]
  audio.onDevice = change => changes.push(change)
  audio.onCaptured = () => {
    for (let packet = audio.captured.pop(); packet; packet = audio.captured.pop()) {
      all++
      if (packet.payload.length === 0) continue
      voice++
      audio.playout.push(packet.at, packet.payload)
    }
  }
  const told = async (count: number) => {
    for (const end = Date.now() + 15_000; changes.length < count && Date.now() < end; ) await sleep(20)
    return changes.map(({ device, change, name }) => `${device} ${change} ${name}`)
  }
  const packets = () => {
    const counted = { voice, all }
    voice = 0
    all = 0
    return counted
  }
  const flows = async () => {
    for (let tries = 0; tries < 8; tries++) {
      packets()
      await sleep(1000)
      const { voice, all } = packets()
      if (voice > 0.8 * all) return true
      t.comment(`${voice} of ${all} packets with voice`)
    }
    return false
  }
  return { server, audio, changes, told, packets, flows }
}

function tests(t: Test, kind: ServerKind): void {
  t.test('a speaker goes and comes back: told, silent meanwhile, played again', async t => {
    const { server, audio, changes, told } = await sounding(t, kind, 'tone', 'spk')
    await audio.start()
    const [there, elsewhere] = [new Ear(server, 'spk.monitor'), new Ear(server, 'other.monitor')]
    t.ok((await there.listen(1500))! > 1000, 'the tone is heard')
    await server.unplug('spk')
    t.same(await told(1), ['speaker lost spk'])
    const [lost] = changes
    t.match(lost, { problem: { name: 'deviceLost', message: /speaker spk went away/ } })
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
    t.ok((await again.listen(1500))! > 1000, 'the tone is heard again')
    t.equal(await elsewhere.listen(300), 0)
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
    const stream = (await server.pactl('list', 'short', 'sink-inputs')).split('\t')[0]!
    await server.pactl('move-sink-input', stream, 'other')
    t.same(await told(1), ['speaker moved other'])
    t.ok((await elsewhere.listen(1500))! > 1000, 'the tone is heard there')
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
