/** macOS, Windows, and whatever else node-web-audio-api knows: it runs in a process of its own, where it can't end the call. */
import { fileURLToPath } from 'node:url'
import { AudioProblem } from '../audio.js'
import { outputOf, refusalOf, startProgram } from './program.js'
import type { ListedDevice, Report, SoundSystem } from './sound-system.js'
import { INSTEAD } from './words.js'

const PROGRAM = fileURLToPath(new URL('./web-program.js', import.meta.url))
/** What it asks for, by its own word; older ones may do. */
const NODE = 22
/** It loads within this time also where all is slow, ms. */
const LOAD_MS = 10_000
/** With all platforms in one package it would double what everybody installs. */
const INSTALL = 'npm install --no-save node-web-audio-api@2'

export const web: SoundSystem = {
  name: 'web',
  readyMs: LOAD_MS,
  idsAreNames: true,

  async find() {
    const refusal = await refusalOf(process.execPath, [PROGRAM, 'load'], LOAD_MS)
    if (refusal !== null) throw notLoaded(refusal, process.versions.node)
  },

  async list(kind): Promise<ListedDevice[]> {
    return readList((await outputOf(process.execPath, [PROGRAM, 'list', kind], LOAD_MS)) ?? '')
  },

  async check(kind, device) {
    const devices = await web.list(kind)
    if (device === null ? devices.length > 0 : devices.some(({ id }) => id === device)) return devices
    throw new AudioProblem(
      'noSuchDevice',
      device === null ? `There is no ${kind}.` : `There is no ${kind} named ${device}.`,
      `See --list-devices, or ${INSTEAD}.`,
    )
  },

  start: (kind, device) => startProgram(process.execPath, [PROGRAM, kind, ...(device === null ? [] : [device])], 3),

  reader: () => readWeb,

  explain(kind, stderr, started) {
    const said = /^problem: (.+)$/m.exec(stderr)?.[1]?.slice(0, 200)
    const why = said ? ` (${said})` : ''
    if (started) return new AudioProblem('deviceLost', `The ${kind} went away${why}.`, 'See that it is plugged in.')
    const hint = `See that it is plugged in and that this program may use it, or ${INSTEAD}.`
    return new AudioProblem('deviceBroken', `The ${kind} could not be opened${why}.`, hint)
  },

  knows: () => false,
  preferred: () => null,
}

/** Why node-web-audio-api can't be used, by what the attempt said. */
export function notLoaded(refusal: string, node: string): AudioProblem {
  const missing = /ERR_MODULE_NOT_FOUND|Cannot find (?:package|module)/.test(refusal)
  const said = /^problem: (.+)$/m.exec(refusal)?.[1]?.slice(0, 200)
  const message = missing
    ? 'Sound on this system needs node-web-audio-api, which is not installed.'
    : `node-web-audio-api cannot be loaded${said ? ` (${said})` : ''}.`
  const old = Number.parseInt(node, 10) < NODE
  const newer = `${missing ? 'it wants' : 'install'} Node ${NODE} or later, this is ${node}`
  const hint = [
    ...(missing ? [`Run "${INSTALL}" where VoiceChat is installed`] : []),
    ...(old ? [newer] : []),
    `or ${INSTEAD}`,
  ].join('; ')
  return new AudioProblem('noSoundSystem', message, `${hint[0]!.toUpperCase()}${hint.slice(1)}.`)
}

/** The program's stderr: a word and numbers. */
export function readWeb(line: string): Report | null {
  const [word, first, second] = line.split(' ')
  switch (word) {
    case 'ready':
      return { kind: 'ready' }
    case 'holds': {
      const [ms, thenMs] = [Number(first), Number(second)]
      return Number.isFinite(ms) && Number.isFinite(thenMs) ? { kind: 'holds', ms, thenMs } : null
    }
    case 'dry':
      return { kind: 'dry' }
    default:
      return null
  }
}

/** Its list of names, which stands in a line of its own: what it is built of writes to stdout too. */
export function readList(text: string): ListedDevice[] {
  const lists = text.split('\n').flatMap(line => (line.startsWith('["') || line === '[]' ? [namesIn(line)] : []))
  const names = lists.findLast(list => list !== null) ?? []
  return names.map(name => ({ id: name, name, isDefault: name === 'default' }))
}

function namesIn(line: string): string[] | null {
  try {
    const names: unknown = JSON.parse(line)
    return Array.isArray(names) && names.every(name => typeof name === 'string') ? names : null
  } catch {
    return null
  }
}
