/** The engine that this machine's direct connections are made by. */
import { reasonOf } from '../../protocol/reason.js'
import type { Connect } from './connection.js'
import type { EngineName } from './engine-name.js'
import { loadNative } from './node-native.js'
import { loadWerift } from './node-werift.js'

export interface Engine {
  readonly name: EngineName
  readonly connect: Connect
  /** Why it is not the native one, where nobody asked for another: the end of a sentence. */
  readonly instead?: string
}

const loaders: Readonly<Record<EngineName, () => Promise<Connect>>> = { native: loadNative, werift: loadWerift }

/** Loads the engine that was asked for, or rejects; null: the native one, or werift where that does not load. */
export async function loadEngine(wanted: EngineName | null, load = loaders): Promise<Engine> {
  if (wanted !== null) return { name: wanted, connect: await load[wanted]() }
  try {
    return { name: 'native', connect: await load.native() }
  } catch (error) {
    return { name: 'werift', connect: await load.werift(), instead: reasonOf(error) }
  }
}
