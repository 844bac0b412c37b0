import type { DeviceKind } from '../audio.js'
import type { ListedDevice, SoundSystem } from './sound-system.js'

/** What people call devices that were there once, also when they are gone. */
export class Labels {
  readonly #names = new Map<string, string>()

  /** No device is known yet. */
  get isEmpty(): boolean {
    return this.#names.size === 0
  }

  note(devices: readonly ListedDevice[]): void {
    for (const { id, name } of devices) this.#names.set(id, name)
  }

  /** Asks for the devices of this moment; nobody has to wait for it. */
  async learn(system: SoundSystem, kind: DeviceKind): Promise<void> {
    if (!system.idsAreNames) this.note(await system.list(kind).catch(() => []))
  }

  /** The id itself where no name is known. */
  of(id: string): string {
    return this.#names.get(id) ?? id
  }
}
