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
    private readonly tell: {
      gone(problem: AudioProblem): void
      moved(device: string): void
      /** What a person calls a device. */
      label(id: string): string
    },
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
    if (!devices.some(({ id }) => id === home)) return this.tell.gone(this.#gone(home))
    if (this.#latest === null || this.#latest === home) return
    this.device = this.#latest
    this.tell.moved(this.#latest)
  }

  #gone(device: string): AudioProblem {
    const message = `The ${this.kind} ${this.tell.label(device)} went away.`
    return new AudioProblem('deviceLost', message, 'Plug it in again.')
  }
}
