import { existsSync, writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import type { RouteKind } from '../../peer/call/events.js'
import type { EngineName } from '../../peer/routes/engine-name.js'
import { only } from '../lab/event.js'
import { freePort, Lab, type Peer, type Server } from '../lab/lab.js'
import type { HomeName, NetworkLab } from '../lab/network.js'
import { SlowProxy } from '../lab/slow-proxy.js'
import { type Hearing, judge } from '../measure/hearing.js'
import { endOf, looped, type Sound } from '../measure/sound.js'
import { readWav } from '../measure/wav.js'
import { type SpeechName, speechPath } from '../speech/speech.js'
import { type Crowding, watchCrowding } from './crowding.js'
import type { Outcome } from './steadily.js'

/** The issue's own figure for speech that is easy to follow. */
export const GOOD_STOI = 0.9

/** In a network of its own any port is free. */
const PORT = 9001

export const PASSWORD = 'seven quiet crossovers'

export interface SideOptions {
  /** Null: no password, the two compare a code. */
  readonly password?: string | null
  /** How its voice may travel; the relay alone if not given: it is there at once, and the same on each machine. */
  readonly route?: 'auto' | 'direct' | 'relay'
  readonly webrtc?: EngineName
  /** Path of the WAV file that its microphone is, instead of recorded speech. */
  readonly mic?: string
  /** As NetworkLab.within tells it. */
  readonly within?: readonly string[]
  /** Instead of file devices. */
  readonly devices?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly home?: string
  /** Instead of its proxy or the server itself. */
  readonly url?: string
  /** For messages, and for its file. */
  readonly name?: string
}

export interface CallOptions {
  readonly a?: SideOptions
  readonly b?: SideOptions
  /** ABC and XYZ unless given. */
  readonly ids?: readonly [a: string, b: string]
  /** A proxy of its own between each side and the server, which records and can be made worse. */
  readonly proxied?: boolean
  readonly serverArgs?: readonly string[]
  /** Paths of the server's certificate and key. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** A free one unless given. */
  readonly port?: number
  /** The server runs in its public network, each side in its home. */
  readonly network?: NetworkLab
  /** There both sides dial the server's IPv6 address. */
  readonly dialIpv6?: boolean
  /** Programs are killed after so many ms; Program's own limit if not given. */
  readonly limitMs?: number
}

export interface Side {
  readonly id: string
  /** Path of the WAV file that its microphone is. */
  readonly mic: string
  /** Path of the WAV file that its speaker is. */
  readonly heard: string
  readonly peer: Peer
}

/** A server and two peers as real processes, who want each other. */
export class WholeCall {
  server: Server
  readonly lab: Lab
  readonly a: Side
  readonly b: Side
  readonly proxies: { readonly a: SlowProxy; readonly b: SlowProxy } | null
  readonly #options: CallOptions
  /** How this machine was from talking to hanging up. */
  crowding: Crowding = { lateMs: Number.NaN, waited: Number.NaN }
  #watch: ReturnType<typeof watchCrowding> | undefined

  private constructor(lab: Lab, server: Server, options: CallOptions, proxies: WholeCall['proxies']) {
    this.lab = lab
    this.server = server
    this.proxies = proxies
    this.#options = options
    const place = (home: HomeName) => ({
      url: proxies?.[home].url ?? server.url,
      ...(options.network && { within: options.network.within(home) }),
    })
    const [a, b] = options.ids ?? ['ABC', 'XYZ']
    this.a = this.side(a, b, 'congratulations', { ...place('a'), ...options.a })
    this.b = this.side(b, a, 'no-connection', { ...place('b'), ...options.b })
  }

  /** Starts all; ended and removed by the test's teardown. */
  static async start(t: Test, options: CallOptions = {}): Promise<WholeCall> {
    const lab = new Lab()
    const port = options.port ?? (options.network ? PORT : await freePort())
    const proxies = options.proxied ? { a: await SlowProxy.open(port), b: await SlowProxy.open(port) } : null
    t.teardown(async () => {
      await lab.close()
      await Promise.all([proxies?.a.close(), proxies?.b.close()])
    })
    const server = await startServer(lab, port, options, proxies)
    return new WholeCall(lab, server, options, proxies)
  }

  /** One more program, with a folder for its key of its own unless `home` names another's. */
  side(id: string, to: string, speech: SpeechName, options: SideOptions): Side {
    const { password = PASSWORD, args = [], env = {}, home = `home-${id}`, url = this.server.url } = options
    const { name = id, route = 'relay', mic = speechPath(speech), within } = options
    const heard = this.lab.path(`${name}-heard.wav`)
    const devices = options.devices ?? ['--mic', `file:${mic}`, '--speaker', `file:${heard}`]
    const secret = this.lab.path(`${name}-password`)
    if (password !== null) writeFileSync(secret, `${password}\n`, { mode: 0o600 })
    const known = password === null ? [] : ['--password-file', secret]
    const who = ['--id', id, '--to', to, '--server', url, '--route', route, '--json', '--verbose', '--wait', '20']
    const engine = options.webrtc ? ['--webrtc', options.webrtc] : []
    const { limitMs } = this.#options
    const where = { ...(within && { within }), ...(limitMs !== undefined && { limitMs }) }
    const peer = this.lab.peer([...who, ...engine, ...known, ...devices, ...args], { name, home, env, ...where })
    return { id, mic, heard, peer }
  }

  /** The server again after its end, on the same port, with nothing in its memory. */
  async serverAgain(): Promise<void> {
    this.server = await startServer(this.lab, this.server.port, this.#options, this.proxies)
  }

  /** Waits until both talk by this route; null: by any. */
  async talking(route: RouteKind | null = 'relay'): Promise<void> {
    await Promise.all([this.a, this.b].map(side => talks(side, route)))
    this.#watch = watchCrowding([this.a.peer.pid, this.b.peer.pid])
  }

  /** A hangs up; both ends. Waits for the exits and returns their codes. */
  async hangUp(): Promise<(number | null)[]> {
    if (this.#watch) this.crowding = this.#watch.stop()
    this.a.peer.send({ do: 'hangup' })
    return Promise.all([this.a, this.b].map(async ({ peer }) => (await peer.exit(15_000)).code))
  }

  /** What `listener` heard and what the other said, on one clock; only after its end, or when its file is complete. */
  recordings(listener: 'a' | 'b'): { said: Sound; heard: Sound } {
    const [ear, mouth] = listener === 'a' ? [this.a, this.b] : [this.b, this.a]
    const [hears] = only('devices', ear.peer.events)
    const [speaks] = only('devices', mouth.peer.events)
    if (!hears || !speaks) throw new Error(`no devices\n${ear.peer.describe()}\n${mouth.peer.describe()}`)
    const heard = { ...readWav(ear.heard), startedAt: hears.speaker.startedAt }
    const speech = { ...readWav(mouth.mic), startedAt: speaks.microphone.startedAt }
    return { said: looped(speech, endOf(heard)), heard }
  }
}

async function startServer(
  lab: Lab,
  port: number,
  { serverArgs = [], tls, network, dialIpv6 = false, limitMs }: CallOptions,
  proxies: WholeCall['proxies'],
): Promise<Server> {
  const urls = proxies ? [proxies.a.url, proxies.b.url] : []
  const args = [...urls.flatMap(url => ['--public-url', url]), ...serverArgs]
  const where = network && {
    within: network.within('server'),
    address: dialIpv6 ? `[${network.serverAddress6}]` : network.serverAddress,
  }
  const limit = limitMs === undefined ? {} : { limitMs }
  return lab.server({ port, tls, stateDir: lab.path(`state-${startedServers++}`), args, ...where, ...limit })
}

let startedServers = 0

/** Waits until this side talks by this route; null: by any. */
export async function talks({ peer }: Side, route: RouteKind | null = 'relay'): Promise<void> {
  const fits = (now: RouteKind | null) => (route === null ? now !== null : now === route)
  await peer.event(event => event.event === 'state' && event.state === 'talking' && fits(event.route), 20_000)
}

/** The part of a sound between two moments, epoch ms. */
export function between(sound: Sound, from: number, to = Number.POSITIVE_INFINITY): Sound {
  const place = (at: number) =>
    Math.min(sound.samples.length, Math.max(0, Math.round(((at - sound.startedAt) * sound.rate) / 1000)))
  const start = place(from)
  return {
    rate: sound.rate,
    samples: sound.samples.subarray(start, place(to)),
    startedAt: sound.startedAt + (start * 1000) / sound.rate,
  }
}

/** One line for the figures of one way. */
export function figures(name: string, { delay, stoi, estoi, gaps }: Hearing, { peer }: Side): string {
  const stats = only('stats', peer.events).at(-1)
  const longest = gaps.reduce((most, { ms }) => Math.max(most, ms), 0)
  const lost = stats ? `, ${stats.framesLost} lost, ${stats.framesConcealed} concealed, ${stats.underruns} dry` : ''
  return (
    `${name}: STOI ${stoi.toFixed(3)}, ESTOI ${estoi.toFixed(3)}, delay p50 ${delay.p50.toFixed(0)} p95 ` +
    `${delay.p95.toFixed(0)} max ${delay.max.toFixed(0)} ms, ${gaps.length} gaps (longest ${longest} ms)${lost}`
  )
}

/** What is wrong with one way, if anything. */
export function faultsOf(name: string, { stoi }: Pick<Hearing, 'stoi'>): string[] {
  return stoi > GOOD_STOI ? [] : [`${name}: STOI ${stoi.toFixed(3)}, wanted over ${GOOD_STOI}`]
}

/** Judges both ways of a call over file devices that has ended. */
export function judgeBoth(call: WholeCall): Outcome {
  const ways = (['a', 'b'] as const).map(listener => {
    const { said, heard } = call.recordings(listener)
    const name = `${call[listener].id} hears`
    const hearing = judge(said, heard)
    return { note: figures(name, hearing, call[listener]), faults: faultsOf(name, hearing) }
  })
  return { notes: ways.map(({ note }) => note), faults: ways.flatMap(({ faults }) => faults), crowding: call.crowding }
}

/** Whether anything but silence was played: null when there is no file at all. */
export function loudest(path: string): number | null {
  if (!existsSync(path)) return null
  return readWav(path).samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
