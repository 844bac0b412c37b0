/** What the sound systems have in common: devices with names, and programs that record from one and play to one. */
import type { AudioProblem, DeviceKind } from '../audio.js'
import type { Program } from './program.js'

export interface ListedDevice {
  /** What the sound system calls it, exactly. */
  readonly id: string
  /** What a person calls it. */
  readonly name: string
  readonly isDefault: boolean
}

/** What a line of a program's stderr tells. Times in ms. */
export type Report =
  /** It has its device and takes sound. */
  | { readonly kind: 'ready' }
  /** So much has been played in all. */
  | { readonly kind: 'played'; readonly ms: number }
  /** So much waits to be played; and so much later than that it is heard. */
  | { readonly kind: 'holds'; readonly ms: number; readonly thenMs: number }
  /** It had nothing to play. */
  | { readonly kind: 'dry' }
  /** Which device it is connected to, by id; said again when the sound system moves it. */
  | { readonly kind: 'at'; readonly device: string }

export interface SoundSystem {
  readonly name: 'pulse' | 'alsa' | 'web'
  /** People call its devices by their ids. */
  readonly idsAreNames: boolean
  /** A device of its that gives or takes nothing for so long after its start is broken, ms. */
  readonly readyMs: number
  /** Whether it is there. Rejects with an AudioProblem `noSoundSystem` and what to do. */
  find(): Promise<void>
  list(kind: DeviceKind): Promise<ListedDevice[]>
  /**
   * Whether the device can be used, without a sound; null: the default one. Rejects with an AudioProblem. Resolves to the devices that it
   * saw meanwhile, of which none need be called the default; to none where it looked at this one alone.
   */
  check(kind: DeviceKind, device: string | null): Promise<readonly ListedDevice[]>
  /** Starts a program that records raw 48 kHz sound of one channel, 16 bit, to its stdout, or plays it from its stdin. */
  start(kind: DeviceKind, device: string | null): Program
  /** Reads the lines of one program's stderr, in order. */
  reader(kind: DeviceKind): (line: string) => Report | null
  /** What it means that the program ended by itself; `stderr` is what it said. `started`: sound had flowed before. */
  explain(kind: DeviceKind, stderr: string, started: boolean): AudioProblem
  /** A name outside `list` that it knows all the same, such as one that it defines itself. */
  knows(id: string): boolean
  /** What the environment makes the default device, if anything does. */
  preferred(kind: DeviceKind): string | null
}
