/** PulseAudio, or PipeWire in its place, through its own command-line programs: what microphone and speaker share. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { AudioProblem } from '../audio.js'
import { SAMPLE_RATE } from '../codec.js'

const INSTEAD = 'use --mic file:PATH.wav, tone or none and --speaker file:PATH.wav or none'
/** A program that doesn't end by itself within this time is killed, ms. */
const STOP_MS = 500
const PROBE_MS = 2000

export type PulseProgram = 'parec' | 'pacat'

/** Arguments for raw 48 kHz sound of one channel; without a device the server's default, or PULSE_SOURCE / PULSE_SINK. */
export function pulseArguments(program: PulseProgram, device: string | null, latencyMs: number): string[] {
  return [
    ...(program === 'pacat' ? ['--playback', '--verbose'] : []),
    ...['--raw', '--format=s16le', `--rate=${SAMPLE_RATE}`, '--channels=1', `--latency-msec=${latencyMs}`],
    ...['--client-name=VoiceChat', '--property=media.role=phone'],
    ...(device === null ? [] : [`--device=${device}`]),
  ]
}

/** Starts one. In a session of its own: Ctrl-C in the terminal is ours to handle. It ends when its pipe to us breaks. */
export function startPulse(program: PulseProgram, device: string | null, latencyMs: number) {
  return spawn(program, pulseArguments(program, device, latencyMs), {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  })
}

/** Ends the program and waits until it is gone. */
export function stopPulse(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve()
  return new Promise(resolve => {
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    child.once('exit', () => {
      clearTimeout(killer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** Whether there is a sound server: rejects with an AudioProblem `noSoundSystem` and a hint if there is none. */
export async function findPulse(): Promise<void> {
  for (const program of ['parec', 'pacat', 'pactl']) {
    if (await runs(program, ['--version'])) continue
    const hint = `Install PulseAudio's programs (Debian: apt install pulseaudio-utils), or ${INSTEAD}.`
    throw new AudioProblem('noSoundSystem', `The program ${program} is not installed.`, hint)
  }
  if (await runs('pactl', ['info'])) return
  const hint = `Start PulseAudio or PipeWire, or ${INSTEAD}.`
  throw new AudioProblem('noSoundSystem', 'No sound server answers on this machine.', hint)
}

/** Whether a device of this name exists. No name is the default device. Rejects with an AudioProblem `noSuchDevice`. */
export async function findDevice(kind: 'source' | 'sink', device: string | null): Promise<void> {
  const name = device ?? process.env[kind === 'source' ? 'PULSE_SOURCE' : 'PULSE_SINK'] ?? null
  const list = await output('pactl', ['list', 'short', `${kind}s`])
  const lines = (list ?? '').split('\n').filter(line => line !== '')
  const names = lines.map(line => line.split('\t')[1] ?? '')
  const indexes = lines.map(line => line.split('\t')[0] ?? '')
  const what = kind === 'source' ? 'microphone' : 'speaker'
  if (name === null ? names.length > 0 : names.includes(name) || indexes.includes(name) || name.startsWith('@')) return
  const known = names.length > 0 ? `Known: ${names.join(', ')}.` : `There is none at all: ${INSTEAD}.`
  throw new AudioProblem('noSuchDevice', `There is no ${what}${name === null ? '' : ` named ${name}`}.`, known)
}

/** What it means that the program ended by itself; `stderr` is what it said. `started`: sound had flowed before. */
export function pulseProblem(kind: 'microphone' | 'speaker', stderr: string, started: boolean): AudioProblem {
  const said = stderr.match(/^(?:.*(?:error|failure|failed).*)$/im)?.[0]?.trim() ?? ''
  const why = said === '' ? '' : ` (${said.slice(0, 200)})`
  if (/No such entity/i.test(said)) {
    return new AudioProblem('noSuchDevice', `The ${kind} does not exist${why}.`, 'List them with "pactl list short".')
  }
  if (/Connection (failure|refused)/i.test(said) && !started) {
    const hint = `Start PulseAudio or PipeWire, or ${INSTEAD}.`
    return new AudioProblem('noSoundSystem', `No sound server answers${why}.`, hint)
  }
  const hint = 'See that it is plugged in and that the sound server runs, then call again.'
  if (started) return new AudioProblem('deviceLost', `The ${kind} went away${why}.`, hint)
  return new AudioProblem('deviceBroken', `The ${kind} could not be opened${why}.`, hint)
}

async function runs(program: string, args: string[]): Promise<boolean> {
  return (await output(program, args)) !== null
}

function output(program: string, args: string[]): Promise<string | null> {
  return new Promise(resolve => {
    execFile(program, args, { timeout: PROBE_MS, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) =>
      resolve(error ? null : stdout),
    )
  })
}
