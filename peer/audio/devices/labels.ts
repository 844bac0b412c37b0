import type { DeviceKind } from '../audio.js'
import type { SoundSystem } from './sound-system.js'

/** What people call devices that were there once, also when they are gone. */
export class Labels {
  readonly #names = new Map<string, string>()

  /** Asks for the devices of this moment; nobody has to wait for it. */
  async learn(system: SoundSystem, kind: DeviceKind): Promise<void> {
    if (system.idsAreNames) return
    const devices = await system.list(kind).catch(() => [])
    for (const { id, name } of devices) this.#names.set(id, name)
  }

  /** The id itself where no name is known. */
  of(id: string): string {
    return this.#names.get(id) ?? id
  }
}
