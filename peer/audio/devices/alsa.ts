/** ALSA without a sound server, through its own command-line programs. */
import { AudioProblem, type DeviceKind } from '../audio.js'
import { SAMPLE_RATE, SAMPLES_PER_MS } from '../codec.js'
import { hasCards, parseAlsaDevices } from './alsa-list.js'
import { BLOCK_MS } from './device.js'
import { outputOf, refusalOf, startProgram } from './program.js'
import type { Report, SoundSystem } from './sound-system.js'
import { INSTEAD } from './words.js'

/** Size of the device's own buffer, µs: more than is ever kept in it, so that it is never what a program waits for. */
const BUFFER_US = 200_000
/** It begins to play with so much, µs; unless told it would wait until its buffer is full. */
const BEGIN_US = 20_000

/** As little sound as shows that a device works: frames. */
const TASTE = 480

const program = (kind: DeviceKind) => (kind === 'microphone' ? 'arecord' : 'aplay')

/** Arguments for raw 48 kHz sound of one channel; without a device ALSA's default. */
export function alsaArguments(device: string | null): string[] {
  return [
    ...['-t', 'raw', '-f', 'S16_LE', '-r', `${SAMPLE_RATE}`, '-c', '1'],
    ...(device === null ? [] : ['-D', device]),
    ...[`--buffer-time=${BUFFER_US}`, `--period-time=${1000 * BLOCK_MS}`],
  ]
}

export const alsa: SoundSystem = {
  name: 'alsa',
  readyMs: 3_000,
  idsAreNames: false,

  async find() {
    for (const name of ['arecord', 'aplay'])
      if ((await outputOf(name, ['--version'])) === null)
        throw new AudioProblem(
          'noSoundSystem',
          `The program ${name} is not installed.`,
          `Install ALSA's programs (Debian: apt install alsa-utils), or ${INSTEAD}.`,
        )
  },

  async list(kind) {
    return parseAlsaDevices((await outputOf(program(kind), ['-L'])) ?? '')
  },

  async check(kind, device) {
    const args = ['-q', ...alsaArguments(device), ...(kind === 'microphone' ? ['-s', `${TASTE}`] : []), '/dev/null']
    const refusal = await refusalOf(program(kind), args)
    if (refusal !== null) throw alsa.explain(kind, refusal, false)
    return []
  },

  start(kind, device) {
    const more = kind === 'microphone' ? ['-q'] : ['-v', '--test-position', `--start-delay=${BEGIN_US}`]
    return startProgram(program(kind), [...more, ...alsaArguments(device)])
  },

  reader: () => alsaReader(),

  explain(kind, stderr, started) {
    // The programs name themselves and a line of their source; ALSA's library goes before them with its own.
    const said = stderr.match(/^(?:aplay|arecord): (?:\w+:\d+: )?(.+)$/m)?.[1]?.trim() ?? ''
    const why = said === '' ? '' : ` (${said.slice(0, 200)})`
    if (started) return new AudioProblem('deviceLost', `The ${kind} went away${why}.`, 'See that it is plugged in.')
    if (/busy/i.test(said))
      return new AudioProblem(
        'deviceBroken',
        `The ${kind} is in use by another program${why}.`,
        'End that program, or choose another device: see --list-devices.',
      )
    if (/No such file|No such device|Unknown PCM/i.test(said))
      return new AudioProblem('noSuchDevice', `The ${kind} does not exist${why}.`, `See --list-devices, or ${INSTEAD}.`)
    const hint = `See that it is plugged in and not muted, choose another (--list-devices), or ${INSTEAD}.`
    return new AudioProblem('deviceBroken', `The ${kind} could not be opened${why}.`, hint)
  },

  // "hw:1,0", "plughw:CARD=USB", and what a file of one's own defines.
  knows: id => id.includes(':'),

  preferred: () => null,
}

/** Whether this machine has a sound card that ALSA knows. */
export async function hasAlsaCards(kind: DeviceKind): Promise<boolean> {
  return hasCards((await outputOf(program(kind), ['-l'])) ?? '')
}

/** Reads what `aplay -v --test-position` says: its buffer once, then again and again how much room is in it. */
export function alsaReader(): (line: string) => Report | null {
  let buffer: number | null = null
  return line => {
    if (/^(?:underrun|xrun)!/.test(line)) return { kind: 'dry' }
    const size = /^ *buffer_size *: (\d+)/.exec(line)
    if (size && buffer === null) {
      buffer = Number(size[1])
      return { kind: 'ready' }
    }
    // Each time that it writes, or (other versions) once a second.
    const room = /avail=(-?\d+) delay=(-?\d+)/.exec(line) ?? /^BUFPOS: avg(-?\d+)\/(-?\d+) /.exec(line)
    if (!room || buffer === null) return null
    // When its device goes it says anything; no more than all of the buffer is in it.
    const held = Math.min(buffer, Math.max(0, buffer - Number(room[1])))
    return { kind: 'holds', ms: held / SAMPLES_PER_MS, thenMs: Math.max(0, Number(room[2]) - held) / SAMPLES_PER_MS }
  }
}
