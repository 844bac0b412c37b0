/** `--list-devices`: which microphones and speakers there are. */
import type { DeviceKind } from '../audio/audio.js'
import type { ListedDevice } from '../audio/devices/sound-system.js'
import { systemOf } from '../audio/devices/systems.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import type { PeerFlags } from './options.js'

const KINDS = ['microphone', 'speaker'] as const satisfies readonly DeviceKind[]
const MARK = '*'
/** Names are short of all that stands before them, columns. */
const INDENT = 6

/** Prints them. Rejects with an AudioProblem where there is no sound system. */
export async function listDevices(flags: PeerFlags): Promise<ExitCode> {
  const system = await systemOf(flags.audio)
  const found = await Promise.all(KINDS.map(async kind => ({ kind, devices: await system.list(kind) })))
  const columns = process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY
  for (const { kind, devices } of found) {
    const lines = flags.json ? deviceLines(kind, devices, Date.now()) : deviceTable(kind, devices, columns)
    for (const line of lines) process.stdout.write(`${line}\n`)
  }
  if (!flags.json)
    process.stdout.write(
      `\n${help(
        found.some(({ devices }) => devices.some(({ isDefault }) => isDefault)),
        columns,
      )}\n`,
    )
  return EXIT.ok
}

/** A JSON object a device; `t` is epoch ms. */
export function deviceLines(kind: DeviceKind, devices: readonly ListedDevice[], t: number): string[] {
  return devices.map(({ id, name, isDefault }, i) =>
    JSON.stringify({ event: 'listed', t, device: kind, number: i + 1, id, name, default: isDefault }),
  )
}

/** A line a device: its number, whether it is the default, what people call it, and, where there is room, its exact name. */
export function deviceTable(kind: DeviceKind, devices: readonly ListedDevice[], columns: number): string[] {
  const title = kind === 'microphone' ? 'Microphones' : 'Speakers'
  if (devices.length === 0) return [title, '   none']
  const width = Math.max(...devices.map(({ name }) => name.length))
  const exact = devices.every(({ id, name }) => INDENT + width + 2 + id.length <= columns || id === name)
  return [
    title,
    ...devices.map(({ id, name, isDefault }, i) => {
      const shown = cut(name, columns - INDENT)
      const start = `${String(i + 1).padStart(3)} ${isDefault ? MARK : ' '} `
      return start + (exact && id !== name ? `${shown.padEnd(width)}  ${id}` : shown)
    }),
  ]
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}

function help(marked: boolean, columns: number): string {
  const words =
    `${marked ? `${MARK} default. ` : ''}Choose with --mic and --speaker: a number, a name, or a part of one.`.split(
      ' ',
    )
  const lines = ['']
  for (const word of words) {
    const line = lines[lines.length - 1]!
    if (line.length + 1 + word.length > Math.min(columns, 80)) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}
