/** Sound on a sound server of its own, and what is heard of it. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Audio, DeviceChange } from '../../peer/audio/audio.js'
import type { Backend } from '../../peer/audio/backend.js'
import { createWorkerAudio } from '../../peer/audio/worker-audio.js'
import { type ServerKind, SoundServer } from '../lab/sound-server.js'

/** How loud a device is, heard as a person would. */
export class Ear {
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

  /** Whether it is louder than that within 10 s. */
  async hears(peak: number): Promise<boolean> {
    this.#loudest = 0
    for (const end = Date.now() + 10_000; this.#loudest <= peak && Date.now() < end; ) await sleep(20)
    return this.#loudest > peak
  }

  close(): void {
    this.#parec.kill()
  }
}

export interface Sounding {
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
export async function sounding(
  t: Test,
  kind: ServerKind,
  microphone: string,
  speaker: string,
  backend: Backend = 'pulse',
): Promise<Sounding> {
  const server = await SoundServer.start(kind)
  for (const name of ['mic', 'spk', 'other']) await server.plug(name)
  // Each server has all of these, and the default devices are its own affair.
  Object.assign(process.env, server.env)
  delete process.env.PULSE_SINK
  delete process.env.PULSE_SOURCE
  const audio = createWorkerAudio({ microphone, speaker, backend })
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
    for (const end = Date.now() + 30_000; changes.length < count && Date.now() < end; ) await sleep(20)
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
