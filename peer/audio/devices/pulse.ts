/** PulseAudio, or PipeWire in its place, through its own command-line programs. */
import { AudioProblem, type DeviceKind } from '../audio.js'
import { SAMPLE_RATE } from '../codec.js'
import { BLOCK_MS } from './device.js'
import { isInstalled, outputOf, startProgram } from './program.js'
import { defaultIn, parseDevices } from './pulse-list.js'
import type { ListedDevice, Report, SoundSystem } from './sound-system.js'
import { INSTEAD } from './words.js'

/** Asked of the sound server for playing, ms; it takes this as the size of its own buffers. */
const SERVER_MS = 20
/** `pacat --verbose` says so about every 50 ms. */
const PLAYED = /^Time: (\d{1,9}(?:\.\d+)?) sec; Latency: /
const AT = /^(?:Connected to|Stream moved to) device (\S+) \(/

const NOT_INSTALLED = (program: string) =>
  new AudioProblem(
    'noSoundSystem',
    `The program ${program} is not installed.`,
    `Install PulseAudio's programs (Debian: apt install pulseaudio-utils), or ${INSTEAD}.`,
  )

/** Arguments for raw 48 kHz sound of one channel; without a device the server's default, or PULSE_SOURCE / PULSE_SINK. */
export function pulseArguments(kind: DeviceKind, device: string | null): string[] {
  const latencyMs = kind === 'speaker' ? SERVER_MS : BLOCK_MS
  return [
    ...(kind === 'speaker' ? ['--playback'] : []),
    ...['--verbose', '--raw', '--format=s16le', `--rate=${SAMPLE_RATE}`, '--channels=1', `--latency-msec=${latencyMs}`],
    ...['--client-name=VoiceChat', '--property=media.role=phone'],
    ...(device === null ? [] : [`--device=${device}`]),
  ]
}

export const pulse: SoundSystem = {
  name: 'pulse',
  readyMs: 3_000,
  idsAreNames: false,

  async find() {
    for (const program of ['parec', 'pacat', 'pactl']) if (!isInstalled(program)) throw NOT_INSTALLED(program)
    if ((await outputOf('pactl', ['info'])) !== null) return
    const hint = `Start PulseAudio or PipeWire, or ${INSTEAD}.`
    throw new AudioProblem('noSoundSystem', 'No sound server answers on this machine.', hint)
  },

  async list(kind): Promise<ListedDevice[]> {
    const [list, info] = await Promise.all([listOf(kind), outputOf('pactl', ['info'])])
    return parseDevices(list, pulse.preferred(kind) ?? defaultIn(info ?? '', kind))
  },

  async check(kind, device) {
    const name = device ?? pulse.preferred(kind)
    // Which is the default does not matter here, and would take a program more.
    const devices = parseDevices(await listOf(kind), null)
    const ids = devices.map(({ id }) => id)
    if (name === null ? ids.length > 0 : ids.includes(name) || pulse.knows(name)) return devices
    const known = ids.length > 0 ? `Known: ${ids.join(', ')}.` : `There is none at all: ${INSTEAD}.`
    throw new AudioProblem('noSuchDevice', `There is no ${kind}${name === null ? '' : ` named ${name}`}.`, known)
  },

  start: (kind, device) => startProgram(kind === 'microphone' ? 'parec' : 'pacat', pulseArguments(kind, device)),

  reader: () => readPulse,

  explain(kind, stderr, started) {
    const said = stderr.match(/^(?:.*(?:error|failure|failed).*)$/im)?.[0]?.trim() ?? ''
    const why = said === '' ? '' : ` (${said.slice(0, 200)})`
    const hint = 'See that it is plugged in and that the sound server runs.'
    if (started) return new AudioProblem('deviceLost', `The ${kind} went away${why}.`, hint)
    if (/No such entity/i.test(said))
      return new AudioProblem('noSuchDevice', `The ${kind} does not exist${why}.`, 'See --list-devices.')
    if (/Connection (failure|refused)/i.test(said))
      return new AudioProblem(
        'noSoundSystem',
        `No sound server answers${why}.`,
        `Start PulseAudio or PipeWire, or ${INSTEAD}.`,
      )
    return new AudioProblem('deviceBroken', `The ${kind} could not be opened${why}.`, hint)
  },

  knows: id => id.startsWith('@'),

  preferred: kind => process.env[kind === 'microphone' ? 'PULSE_SOURCE' : 'PULSE_SINK'] || null,
}

async function listOf(kind: DeviceKind): Promise<string> {
  return (await outputOf('pactl', ['list', kind === 'microphone' ? 'sources' : 'sinks'])) ?? ''
}

/** A line of `parec --verbose` or `pacat --verbose`. */
export function readPulse(line: string): Report | null {
  const played = PLAYED.exec(line)
  if (played) return { kind: 'played', ms: 1000 * Number(played[1]) }
  if (line.startsWith('Stream underrun')) return { kind: 'dry' }
  if (line.startsWith('Stream successfully created')) return { kind: 'ready' }
  const at = AT.exec(line)
  return at?.[1] ? { kind: 'at', device: at[1] } : null
}
