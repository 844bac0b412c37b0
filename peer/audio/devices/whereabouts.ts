import { AudioProblem, type DeviceKind } from '../audio.js'
import type { SoundSystem } from './sound-system.js'

/**
 * Which device a program is on. A sound system moves programs by itself to another device when theirs goes: for us that is a
 * lost device, not another one. When a person moves them, by a mixer or by choosing another default, theirs is still there.
 */
export class Whereabouts {
  /** Null until it is known. */
  device: string | null
  /** It was moved, and why is not known yet: nothing is to be heard or played meanwhile. */
  doubtful = false
  #latest: string | null = null

  constructor(
    private readonly system: SoundSystem,
    private readonly kind: DeviceKind,
    device: string | null,
    private readonly onGone: (problem: AudioProblem) => void,
    private readonly onMoved: (device: string) => void,
  ) {
    this.device = device === null || system.knows(device) ? null : device
  }

  /** The program says where it is. */
  at(device: string): void {
    this.device ??= device
    this.#latest = device
    if (device === this.device || this.doubtful) return
    this.doubtful = true
    void this.#judge(this.device)
  }

  async #judge(home: string): Promise<void> {
    const devices = await this.system.list(this.kind).catch(() => [])
    this.doubtful = false
    if (!devices.some(({ id }) => id === home)) return this.onGone(goneProblem(this.kind, home))
    if (this.#latest === null || this.#latest === home) return
    this.device = this.#latest
    this.onMoved(this.#latest)
  }
}

export function goneProblem(kind: DeviceKind, device: string): AudioProblem {
  return new AudioProblem('deviceLost', `The ${kind} ${device} went away.`, 'Plug it in again.')
}
