import type { DeviceKind } from '../audio.js'
import type { ListedDevice } from './sound-system.js'

/**
 * Devices in what `pactl list sources` or `pactl list sinks` prints in English; older ones print no JSON, and PipeWire's prints
 * the same. What a speaker plays can be recorded too: such monitors come last.
 */
export function parseDevices(text: string, preferred: string | null): ListedDevice[] {
  const devices = text
    .split(/^(?:Source|Sink) #\d+$/m)
    .slice(1)
    .flatMap(block => {
      const id = field(block, 'Name')
      if (id === null) return []
      const name = field(block, 'Description') ?? id
      return [{ id, name, isDefault: id === preferred, monitor: (field(block, 'Monitor of Sink') ?? 'n/a') !== 'n/a' }]
    })
  return [false, true].flatMap(monitor =>
    devices.filter(device => device.monitor === monitor).map(({ id, name, isDefault }) => ({ id, name, isDefault })),
  )
}

/** The default device in what `pactl info` prints. */
export function defaultIn(info: string, kind: DeviceKind): string | null {
  return new RegExp(`^Default ${kind === 'microphone' ? 'Source' : 'Sink'}: (.+)$`, 'm').exec(info)?.[1]?.trim() ?? null
}

function field(block: string, name: string): string | null {
  return new RegExp(`^\\t${name}: (.+)$`, 'm').exec(block)?.[1]?.trim() ?? null
}
