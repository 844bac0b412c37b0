import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Sound } from '../measure/sound.js'
import type { Wav } from '../measure/wav.js'

export type SideName = 'a' | 'b'

/** What both sides said and heard, on one clock: the same sample is the same moment in all four. */
export interface Recorded {
  readonly said: Readonly<Record<SideName, Sound>>
  readonly heard: Readonly<Record<SideName, Sound>>
}

const RATE = 48_000
/**
 * One sink of four channels carries everything, and microphones and speakers are remaps of its channels: so one recording holds all,
 * to the sample. The order is that of the channels.
 */
const CHANNELS = { mic_a: 'front-left', spk_b: 'front-right', mic_b: 'rear-left', spk_a: 'rear-right' } as const

/** A sound system of its own for two sides, without hardware, in a temporary folder; works as root and beside one that runs. */
export class Pulse {
  readonly #folder: string
  readonly #daemon: ChildProcess
  readonly #children = new Set<ChildProcess>()

  private constructor(folder: string, daemon: ChildProcess) {
    this.#folder = folder
    this.#daemon = daemon
  }

  /** Null if PulseAudio can be started here, else the reason why not. */
  static available(): string | null {
    const missing = ['pulseaudio', 'pactl', 'parec', 'pacat'].filter(
      name => spawnSync(name, ['--version'], { stdio: 'ignore' }).status !== 0,
    )
    return missing.length ? `not installed: ${missing.join(', ')} (Debian: pulseaudio, pulseaudio-utils)` : null
  }

  /** Starts it; rejects with what the daemon said when it does not answer within 10 s. */
  static async start(): Promise<Pulse> {
    const folder = mkdtempSync(join(tmpdir(), 'voicechat-pulse-'))
    // Programs are told the daemon's default rate, which is else 44100.
    writeFileSync(join(folder, 'daemon.conf'), `default-sample-rate = ${RATE}\nalternate-sample-rate = ${RATE}\n`)
    const map = Object.values(CHANNELS)
    const modules = [
      `module-native-protocol-unix auth-anonymous=1 socket=${join(folder, 'native')}`,
      // Without norewinds the first two seconds stall.
      `module-null-sink sink_name=rig rate=${RATE} channels=4 channel_map=${map.join(',')} norewinds=1`,
      ...Object.entries(CHANNELS).flatMap(([name, channel]) => {
        const remap = `channels=1 channel_map=mono master_channel_map=${channel} remix=no`
        const sink = `module-remap-sink sink_name=${name} master=rig ${remap}`
        return name.startsWith('mic')
          ? [sink, `module-remap-source source_name=${name}_source master=rig.monitor ${remap}`]
          : [sink]
      }),
    ]
    // It ends by itself when the test process is gone and with it all clients.
    const how = [
      '-n',
      '--daemonize=no',
      '--exit-idle-time=60',
      '--use-pid-file=no',
      '--disable-shm=yes',
      '--log-level=warn',
    ]
    const daemon = spawn('pulseaudio', [...how, ...modules.flatMap(module => ['-L', module])], {
      env: { ...process.env, ...environment(folder), PULSE_CONFIG: join(folder, 'daemon.conf') },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let log = ''
    daemon.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-2000)
    })
    const pulse = new Pulse(folder, daemon)
    const kill = () => daemon.kill('SIGKILL')
    process.on('exit', kill)
    daemon.on('error', error => {
      log += error.message
    })
    daemon.on('exit', () => process.off('exit', kill))
    for (const until = Date.now() + 10_000; !(await pulse.#answers()); await sleep(30)) {
      if (daemon.exitCode === null && daemon.pid && Date.now() < until) continue
      await pulse.stop()
      throw new Error(`PulseAudio does not start: ${log}`)
    }
    return pulse
  }

  /** What a program of this side needs in its environment; its default microphone and speaker are then the right ones. */
  env(side: SideName): Record<string, string> {
    return { ...environment(this.#folder), PULSE_SINK: `spk_${side}`, PULSE_SOURCE: `mic_${side}_source` }
  }

  /** Speaks into the microphone of a side, once or until `stop`. */
  play(side: SideName, { rate, samples }: Wav, { loop = false } = {}): { done: Promise<void>; stop(): void } {
    const bytes = Buffer.alloc(2 * samples.length)
    for (const [i, sample] of samples.entries())
      bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), 2 * i)
    const turns = function* () {
      do for (let at = 0; at < bytes.length; at += 8192) yield bytes.subarray(at, at + 8192)
      while (loop)
    }
    const format = ['--raw', '--format=s16le', `--rate=${rate}`, '--channels=1', '--latency-msec=50']
    const player = this.#run('pacat', ['--playback', `--device=mic_${side}`, ...format])
    const source = Readable.from(turns(), { highWaterMark: 1 })
    player.stdin!.on('error', () => source.destroy())
    source.pipe(player.stdin!)
    return { done: once(player, 'close').then(() => {}), stop: () => player.kill() }
  }

  /** Records everything from now on; resolves when the recording runs. `stop` gives what was said and heard. */
  async record(): Promise<{ stop(): Promise<Recorded> }> {
    const map = `--channel-map=${Object.values(CHANNELS).join(',')}`
    const format = ['--raw', '--format=s16le', `--rate=${RATE}`, '--channels=4', map, '--latency-msec=10']
    const recorder = this.#run('parec', ['--device=rig.monitor', ...format])
    const chunks: Buffer[] = []
    recorder.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk))
    await Promise.race([
      once(recorder.stdout!, 'data'),
      once(recorder, 'close').then(() => Promise.reject(new Error('parec ended before it recorded anything'))),
    ])
    const startedAt = Date.now() - (chunks[0]!.length / 8 / RATE) * 1000
    return {
      stop: async () => {
        recorder.kill()
        if (recorder.exitCode === null && recorder.signalCode === null) await once(recorder, 'close')
        return split(Buffer.concat(chunks), startedAt)
      },
    }
  }

  /** Ends it and all that plays and records, and removes its folder. */
  async stop(): Promise<void> {
    const all = [...this.#children, this.#daemon].filter(
      child => child.pid && child.exitCode === null && !child.signalCode,
    )
    const ended = all.map(child => once(child, 'exit'))
    for (const child of all) child.kill('SIGKILL')
    await Promise.all(ended)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #run(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, {
      env: { ...process.env, ...environment(this.#folder) },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#children.add(child)
    child.on('close', () => this.#children.delete(child))
    return child
  }

  async #answers(): Promise<boolean> {
    const env = { ...process.env, ...environment(this.#folder) }
    return promisify(execFile)('pactl', ['info'], { env, timeout: 2000 }).then(
      () => true,
      () => false,
    )
  }
}

function environment(folder: string): Record<string, string> {
  return {
    PULSE_SERVER: `unix:${join(folder, 'native')}`,
    XDG_RUNTIME_DIR: folder,
    PULSE_RUNTIME_PATH: folder,
    PULSE_STATE_PATH: folder,
  }
}

function split(bytes: Buffer, startedAt: number): Recorded {
  const length = Math.floor(bytes.length / 8)
  const channel = (name: keyof typeof CHANNELS): Sound => {
    const n = Object.keys(CHANNELS).indexOf(name)
    const samples = Float32Array.from({ length }, (_, i) => bytes.readInt16LE(8 * i + 2 * n) / 32768)
    return { samples, rate: RATE, startedAt }
  }
  return {
    said: { a: channel('mic_a'), b: channel('mic_b') },
    heard: { a: channel('spk_a'), b: channel('spk_b') },
  }
}
