/** Whether PulseAudio or PipeWire mutes a device: `pactl` tells. */
import { execFile } from 'node:child_process'

/** `name`: the device's; null: the default one. Null: there is no pactl, no such device, or no answer. */
export function pulseMute(device: 'microphone' | 'speaker', name: string | null): Promise<boolean | null> {
  const [what, variable, standard] =
    device === 'microphone'
      ? (['get-source-mute', 'PULSE_SOURCE', '@DEFAULT_SOURCE@'] as const)
      : (['get-sink-mute', 'PULSE_SINK', '@DEFAULT_SINK@'] as const)
  const which = name ?? (process.env[variable] || standard)
  return new Promise(resolve => {
    const env = { ...process.env, LC_ALL: 'C' }
    execFile('pactl', [what, which], { env, timeout: 2_000 }, (error, stdout) => {
      const said = error ? null : /^Mute: (yes|no)$/m.exec(stdout)?.[1]
      resolve(said ? said === 'yes' : null)
    })
  })
}
