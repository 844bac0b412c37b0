/**
 * Records or plays by node-web-audio-api: a program of its own, since native code that crashes would end the call. Raw samples come by
 * stdin and go by the fourth descriptor (the library's own go to stdout); on stderr it says what `readWeb` reads.
 *
 * Arguments: `load`; `list KIND`; `microphone [NAME]`; `speaker [NAME]`.
 */
import { writeSync } from 'node:fs'
import { SAMPLE_RATE, SAMPLES_PER_MS } from '../codec.js'
import { sampleReader } from './lines.js'
import { type AudioContext, loadWebAudio, type WebAudio } from './web-audio.js'

/** The least that it allows. */
const FRAMES = 256
/** Below this the library stutters on ALSA; elsewhere it is asked for this, s. */
const LATENCY = process.platform === 'linux' ? 'playback' : 0.01
const SAMPLES_OUT = 3
/** A context that asks for nothing for so long has lost its device, ms. */
const STALL_MS = 1500
/** A microphone that gives nothing but zeros may be gone: it is looked for so often, ms. */
const LOOK_MS = 2000
const REPORT_MS = 20

const say = (line: string) => process.stderr.write(`${line}\n`)

function end(problem: string): never {
  say(`problem: ${problem.replace(/\s+/g, ' ')}`)
  process.exit(1)
}

/** Devices by their labels, which people know, and programs too that run on another day; the library's own ids are numbers. */
async function find(web: WebAudio, kind: string): Promise<Map<string, string>> {
  const wanted = kind === 'microphone' ? 'audioinput' : 'audiooutput'
  const found = new Map<string, string>()
  for (const { kind, label, deviceId } of await web.mediaDevices.enumerateDevices()) {
    if (kind !== wanted) continue
    const name = label || deviceId
    let unique = name
    for (let n = 2; found.has(unique); n++) unique = `${name} ${n}`
    found.set(unique, deviceId)
  }
  return found
}

async function idOf(web: WebAudio, kind: string, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined
  return (await find(web, kind)).get(name) ?? end('it is not there')
}

/** Calls `onStall` when nobody called what it returns for too long. */
function watchdog(onStall: () => void): () => void {
  let heardAt = performance.now()
  setInterval(() => {
    if (performance.now() - heardAt > STALL_MS) onStall()
  }, STALL_MS / 3)
  return () => {
    heardAt = performance.now()
  }
}

function play(context: AudioContext): void {
  const queue: Int16Array[] = []
  let [waiting, taken, begun, dry, reportedAt] = [0, 0, false, false, 0]
  const read = sampleReader()
  process.stdin.on('data', (bytes: Buffer) => {
    const samples = read(bytes)
    if (samples.length === 0) return
    queue.push(samples)
    waiting += samples.length
    dry = false
  })
  const node = context.createScriptProcessor(FRAMES, 1, 1)
  const pat = watchdog(() => end('it takes no sound any more'))
  const block = new Float32Array(FRAMES)
  node.onaudioprocess = ({ outputBuffer }) => {
    pat()
    if (!begun) say('ready')
    begun = true
    for (let filled = 0; filled < FRAMES; filled++) {
      const head = queue[0]
      block[filled] = head ? head[taken]! / 32768 : 0
      if (!head) continue
      waiting--
      if (++taken < head.length) continue
      queue.shift()
      taken = 0
    }
    outputBuffer.copyToChannel(block, 0)
    if (waiting === 0 && !dry && reportedAt > 0) {
      dry = true
      say('dry')
    }
    const now = performance.now()
    if (now - reportedAt < REPORT_MS) return
    reportedAt = now
    say(`holds ${(waiting / SAMPLES_PER_MS).toFixed(1)} ${(1000 * (context.outputLatency ?? 0)).toFixed(1)}`)
  }
  node.connect(context.destination)
}

function record(web: WebAudio, context: AudioContext, stream: object, name: string | undefined): void {
  const node = context.createScriptProcessor(FRAMES, 1, 1)
  const pat = watchdog(() => end('it gives no sound any more'))
  const block = new Float32Array(FRAMES)
  let [soundAt, looking] = [performance.now(), false]
  const look = async () => {
    looking = true
    const devices = await find(web, 'microphone')
    if (name === undefined ? devices.size === 0 : !devices.has(name)) end('it is not there any more')
    soundAt = performance.now()
    looking = false
  }
  node.onaudioprocess = ({ inputBuffer }) => {
    pat()
    inputBuffer.copyFromChannel(block, 0)
    const samples = Int16Array.from(block, value => Math.max(-32768, Math.min(32767, Math.round(value * 32768))))
    if (samples.some(sample => sample !== 0)) soundAt = performance.now()
    else if (!looking && performance.now() - soundAt > LOOK_MS) void look()
    const bytes = new Uint8Array(samples.buffer)
    for (let done = 0; done < bytes.length; ) done += writeSync(SAMPLES_OUT, bytes, done)
  }
  context.createMediaStreamSource(stream).connect(node)
  node.connect(context.destination)
}

async function main(what: string | undefined, name: string | undefined): Promise<void> {
  const web = await loadWebAudio()
  switch (what) {
    case 'load':
      process.exit(0)
      break
    case 'list':
      process.stdout.write(`\n${JSON.stringify([...(await find(web, name ?? '')).keys()])}\n`, () => process.exit(0))
      break
    case 'speaker': {
      process.stdin.on('end', () => process.exit(0))
      const sinkId = await idOf(web, what, name)
      play(new web.AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: LATENCY, ...(sinkId ? { sinkId } : {}) }))
      break
    }
    case 'microphone': {
      process.stdin.on('end', () => process.exit(0)).resume()
      const deviceId = await idOf(web, what, name)
      const audio = { sampleRate: SAMPLE_RATE, ...(deviceId ? { deviceId } : {}) }
      const stream = await web.mediaDevices.getUserMedia({ audio })
      const nowhere = { type: 'none' } as const
      const context = new web.AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: LATENCY, sinkId: nowhere })
      record(web, context, stream, name)
      break
    }
    default:
      end(`it does not know what "${what}" is`)
  }
}

const wrong = (error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException
  // Whoever wanted the sound is gone.
  if (code === 'EPIPE') process.exit(0)
  end(code ? `${code} ${message}` : String(message ?? error))
}
process.on('uncaughtException', wrong)
main(process.argv[2], process.argv[3]).catch(wrong)
