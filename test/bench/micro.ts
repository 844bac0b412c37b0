/** What single steps of a frame's way cost, each beside the same yardstick in the same run. */
import { createCipheriv } from 'node:crypto'
import { createActor, fromCallback } from 'xstate'
import { FRAME_SAMPLES } from '../../peer/audio/codec.js'
import { loadOpus } from '../../peer/audio/opus-file.js'
import { Ring } from '../../peer/audio/ring.js'
import { loadRnnoise } from '../../peer/audio/speech/rnnoise-file.js'
import { SpeechProcessor } from '../../peer/audio/speech/speech-processor.js'
import { TimeScale } from '../../peer/audio/time-scale.js'
import { callMachine } from '../../peer/call/machine.js'
import type {
  DirectCommand,
  DirectInput,
  SessionCommand,
  SessionInput,
  SoundCommand,
  SoundInput,
} from '../../peer/call/setup.js'
import { sendingOf, viewOf } from '../../peer/call/view.js'
import { nodeAead } from '../../peer/node-aead.js'
import { nobleAead, Opener, RelayLeg, Sealer, type VoicePacket } from '../../protocol/index.js'
import { defaultLimits } from '../../signaling/limits.js'
import { openMetrics } from '../../signaling/metrics.js'
import { Quotas } from '../../signaling/quotas.js'
import { Readiness } from '../../signaling/readiness.js'
import { Tally } from '../../signaling/tally.js'
import { resample } from '../measure/resample.js'
import { readWav } from '../measure/wav.js'
import { encoded, speechFrames } from '../peer/audio/listening.js'
import { callKeys } from '../protocol/handshake/pair.js'
import { speechPath } from '../speech/speech.js'
import { VirtualClock } from '../virtual-clock.js'
import { fixed, median, table } from './figures.js'
import type { Part } from './part.js'

const ROUNDS = 15
/** Each task runs about so long in a round, ms. */
const SLICE_MS = 15
/** Long enough for the compiler to be done with a task. */
const WARM_MS = 300

interface Task {
  readonly name: string
  /** Called over and over. */
  readonly run: () => void
}

const YARDSTICK = 'yardstick: AES-256-GCM of 100 bytes (node:crypto)'

export const micro: Part = async ({ say }) => {
  const tasks = [
    yardstick(),
    copy(),
    ring(),
    ...(await listening()),
    ...sealing(),
    relay(),
    counting(),
    ...statechart(),
    ...(await voiceWork()),
  ]
  const counts = tasks.map(calibrate)
  const times = tasks.map((): number[] => [])
  // Interleaved: what else the machine does hits all of them.
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, task] of tasks.entries()) times[i]!.push(time(task, counts[i]!))
  const base = times[0]!
  const rows = tasks.map(({ name }, i) => {
    const ratios = times[i]!.map((ns, round) => ns / base[round]!)
    return [name, `${fixed(median(times[i]!))} ns`, fixed(median(ratios), 2)]
  })
  for (const line of table([['', 'each', 'to yardstick'], ...rows])) say(line)
  say(
    `Median of ${ROUNDS} interleaved rounds of about ${SLICE_MS} ms each, one thread. 50 frames a second go each way.`,
  )
}

function yardstick(): Task {
  const [key, nonce, data] = [Buffer.alloc(32, 1), Buffer.alloc(12, 2), Buffer.alloc(100, 3)]
  return {
    name: YARDSTICK,
    run: () => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.update(data)
      cipher.final()
      cipher.getAuthTag()
    },
  }
}

function copy(): Task {
  const data = new Uint8Array(100).fill(3)
  return { name: 'copy 100 bytes', run: () => void data.slice() }
}

function ring(): Task {
  const ring = Ring.create()
  const packet = new Uint8Array(80).fill(1)
  let at = 0
  return {
    name: 'ring: push and pop 80 bytes',
    run: () => {
      ring.push(at++, packet)
      ring.pop()
    },
  }
}

/** Two seconds of recorded speech: decoded, and each frame of it made shorter or longer. Their ratio is what time scaling costs. */
async function listening(): Promise<Task[]> {
  const codec = await loadOpus()
  const packets = encoded(codec, speechFrames(100))
  const decoder = codec.createDecoder()
  const frames = packets.map(packet => {
    const decoded = decoder.decode(packet)
    if (!decoded.ok) throw new Error(decoded.error.message)
    return decoded.value.slice()
  })
  const scale = new TimeScale()
  let at = 0
  return [
    { name: 'Opus: decode 20 ms', run: () => void decoder.decode(packets[at++ % 100]!) },
    { name: 'time scale: squeeze 20 ms', run: () => void scale.squeeze(frames[at++ % 100]!, 720, 0) },
    { name: 'time scale: stretch 20 ms', run: () => void scale.stretch(frames[at++ % 100]!, 720, 0) },
  ]
}

function voice(at: number): VoicePacket {
  return { kind: 'voice', blocks: [{ at, opus: new Uint8Array(80).fill(at) }] }
}

/** As voicechat-peer seals, and as a browser does. */
function sealing(): Task[] {
  const aeads = [
    { by: 'node:crypto', aead: nodeAead },
    { by: 'noble', aead: nobleAead },
  ]
  return aeads.flatMap(({ by, aead }) => {
    const alone = new Sealer(callKeys().a, { aead })
    const keys = callKeys()
    const [sealer, opener] = [new Sealer(keys.a, { aead }), new Opener(keys.b, { aead })]
    let at = 0
    return [
      { name: `seal a voice frame (${by})`, run: () => void alone.seal(voice(at++)) },
      { name: `seal and open a voice frame (${by})`, run: () => void opener.open(sealer.seal(voice(at++))) },
    ]
  })
}

/** Peer, server, peer: four legs in memory, acknowledgements included, as the relay passes a frame on. */
function relay(): Task {
  let now = 0
  const clock = () => now
  const none = () => {}
  const ends: RelayLeg[] = []
  const leg = (to: () => RelayLeg, whole?: (message: Uint8Array) => void) =>
    new RelayLeg({
      now: clock,
      transmit: bytes => void to().receive(bytes),
      ...(whole ? { deliverWhole: whole } : { deliver: none }),
    })
  ends.push(
    leg(() => ends[1]!),
    leg(
      () => ends[0]!,
      message => ends[2]!.forward(message),
    ),
    leg(
      () => ends[3]!,
      () => {},
    ),
    leg(() => ends[2]!),
  )
  const sealed = new Uint8Array(120).fill(7)
  return {
    name: 'a relayed frame: four RelayLegs in memory',
    run: () => {
      now += 20
      ends[0]!.send(sealed)
    },
  }
}

/** What /metrics adds to a frame at the server: sums, and the latency of one in 64, in a histogram of prom-client. */
function counting(): Task {
  const tally = new Tally(() => performance.timeOrigin + performance.now())
  const quotasNearlyUsedUp = new Quotas(defaultLimits).nearlyUsedUp(0)
  const hub = {
    peers: 0,
    sockets: 0,
    callsByRoute: { relay: 0, other: 0 },
    quotasNearlyUsedUp,
    unclaimedNames: 0,
    cluster: null,
  }
  openMetrics({ hub, tally, readiness: new Readiness() })
  let now = performance.timeOrigin + performance.now()
  return {
    name: 'a relayed frame: counted for /metrics',
    run: () => {
      tally.arrivedAt = now += 0.001
      tally.sent(120, 0)
    },
  }
}

/** The real statechart in mid-call on the relay; all of its actors do nothing. */
function statechart(): Task[] {
  const clock = new VirtualClock()
  const machine = callMachine.provide({
    actors: {
      link: fromCallback(() => {}),
      agreement: fromCallback(() => {}),
      session: fromCallback<SessionCommand, SessionInput>(() => {}),
      sound: fromCallback<SoundCommand, SoundInput>(() => {}),
      direct: fromCallback<DirectCommand, DirectInput>(({ receive, sendBack }) =>
        receive(command => {
          if (command.type === 'try')
            sendBack({ type: 'direct.unavailable', generation: command.generation, why: 'a bench' })
        }),
      ),
    },
  })
  const input = { ownId: 'ABC', peerId: 'XYZ', wants: 'auto', waitMs: null, talkMs: null, random: () => 0.5 } as const
  const actor = createActor(machine, { clock, input })
  actor.start()
  actor.send({ type: 'server.online', attempt: 1 })
  actor.send({ type: 'server.matched', callId: 'bench', resumed: false })
  actor.send({ type: 'agreement.agreed', mode: 'password', code: 'ABCDEF', since: null })
  actor.send({ type: 'peer.heard', route: 'relay' })
  const snapshot = actor.getSnapshot()
  if (viewOf(snapshot).route !== 'relay') throw new Error(`no call on the relay: ${JSON.stringify(snapshot.value)}`)
  return [
    { name: 'statechart: one peer.heard', run: () => actor.send({ type: 'peer.heard', route: 'relay' }) },
    { name: 'viewOf a snapshot', run: () => void viewOf(snapshot) },
    { name: 'sendingOf a snapshot', run: () => void sendingOf(snapshot) },
  ]
}

/** Encoding a frame of 20 ms of speech, and what is done to it before. */
async function voiceWork(): Promise<Task[]> {
  const [codec, rnnoise] = await Promise.all([loadOpus(), loadRnnoise()])
  const { samples, rate } = readWav(speechPath('congratulations'))
  const speech = Int16Array.from(resample(samples, rate, 48_000), sample => 32767 * sample)
  const frame = new Int16Array(FRAME_SAMPLES)
  const task = (name: string, work: (frame: Int16Array) => void): Task => {
    let at = 0
    return {
      name,
      run: () => {
        frame.set(speech.subarray(at, at + FRAME_SAMPLES))
        at = at + 2 * FRAME_SAMPLES <= speech.length ? at + FRAME_SAMPLES : 0
        work(frame)
      },
    }
  }
  const encoder = codec.createEncoder()
  const whole = new SpeechProcessor({ denoiser: rnnoise.createDenoiser(), agc: true })
  const withoutNoise = new SpeechProcessor({ denoiser: null, agc: true })
  const highPass = new SpeechProcessor({ denoiser: null, agc: false })
  return [
    task('Opus: encode 20 ms of speech', frame => void encoder.encode(frame)),
    task('20 ms: high-pass, noise suppression, gain', frame => whole.process(frame)),
    task('20 ms: high-pass and gain', frame => withoutNoise.process(frame)),
    task('20 ms: high-pass alone', frame => highPass.process(frame)),
  ]
}

/** Warms a task up, and says how many runs take a slice. */
function calibrate(task: Task): number {
  for (const end = performance.now() + WARM_MS; performance.now() < end; ) time(task, 10)
  for (let count = 1; ; count *= 2) {
    const ns = time(task, count) * count
    if (ns > (SLICE_MS / 2) * 1e6) return Math.ceil((count * SLICE_MS * 1e6) / ns)
  }
}

/** ns each. */
function time({ run }: Task, count: number): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < count; i++) run()
  return Number(process.hrtime.bigint() - start) / count
}
