/** Which microphone and speaker a person asked for, in the words of the command line; and the devices themselves. */
import { resolve } from 'node:path'
import type { Clock } from '../../protocol/clock.js'
import { AudioProblem, type DeviceKind } from './audio.js'
import type { Backend } from './backend.js'
import type { Microphone, Speaker } from './devices/device.js'
import { FileMicrophone } from './devices/file-microphone.js'
import { FileSpeaker } from './devices/file-speaker.js'
import { matchDevice } from './devices/match.js'
import { NoMicrophone, NoSpeaker } from './devices/none.js'
import { ProgramMicrophone } from './devices/program-microphone.js'
import { ProgramSpeaker } from './devices/program-speaker.js'
import type { SoundSystem } from './devices/sound-system.js'
import { systemOf } from './devices/systems.js'
import { ToneMicrophone } from './devices/tone.js'

export type MicrophoneChoice =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'tone' | 'none' }
  | { readonly kind: 'device'; readonly name: string | null }
export type SpeakerChoice = Exclude<MicrophoneChoice, { readonly kind: 'tone' | 'none' }> | { readonly kind: 'none' }

/** `file:PATH.wav`, `tone`, `none`, or a device by name, part of it or number; empty or `default` is the default device. */
export function parseMicrophone(text: string): MicrophoneChoice {
  return text === 'tone' ? { kind: 'tone' } : parseSpeaker(text)
}

/** `file:PATH.wav`, `none`, or a device by name, part of it or number; empty or `default` is the default device. */
export function parseSpeaker(text: string): SpeakerChoice {
  if (text === 'none') return { kind: 'none' }
  if (text.startsWith('file:')) return { kind: 'file', path: text.slice('file:'.length) }
  return { kind: 'device', name: text === '' || text === 'default' ? null : text }
}

/** Whether a sound system has it, and so a room around it. */
export function isRealMicrophone(text: string): boolean {
  return parseMicrophone(text).kind === 'device'
}

export interface DeviceChoice {
  readonly microphone: string
  readonly speaker: string
  readonly backend: Backend
}

/**
 * The devices for a choice, not opened yet. Rejects with an AudioProblem: `noSoundSystem` where a real device is asked
 * for and there is none to be had, `cannotWrite` where the speaker would overwrite the microphone's file.
 */
export async function chooseDevices(choice: DeviceChoice, clock: Clock): Promise<[Microphone, Speaker]> {
  const microphone = parseMicrophone(choice.microphone)
  const speaker = parseSpeaker(choice.speaker)
  if (microphone.kind === 'file' && speaker.kind === 'file' && resolve(microphone.path) === resolve(speaker.path)) {
    const message = `${speaker.path} cannot be both microphone and speaker.`
    throw new AudioProblem('cannotWrite', message, 'Choose another file for --speaker.')
  }
  if (microphone.kind !== 'device' && speaker.kind !== 'device')
    return [virtualMicrophone(microphone, clock), virtualSpeaker(speaker, clock)]
  const system = await systemOf(choice.backend)
  return Promise.all([
    microphone.kind === 'device'
      ? idOf(system, 'microphone', microphone.name).then(id => new ProgramMicrophone(system, id, clock))
      : virtualMicrophone(microphone, clock),
    speaker.kind === 'device'
      ? idOf(system, 'speaker', speaker.name).then(id => new ProgramSpeaker(system, id, clock))
      : virtualSpeaker(speaker, clock),
  ])
}

async function idOf(system: SoundSystem, kind: DeviceKind, name: string | null): Promise<string | null> {
  return name === null ? null : matchDevice(name, kind, await system.list(kind), system.knows)
}

function virtualMicrophone(choice: Exclude<MicrophoneChoice, { kind: 'device' }>, clock: Clock): Microphone {
  switch (choice.kind) {
    case 'file':
      return new FileMicrophone(choice.path, clock)
    case 'tone':
      return new ToneMicrophone(clock)
    case 'none':
      return new NoMicrophone(clock)
  }
}

function virtualSpeaker(choice: Exclude<SpeakerChoice, { kind: 'device' }>, clock: Clock): Speaker {
  return choice.kind === 'file' ? new FileSpeaker(choice.path, clock) : new NoSpeaker(clock)
}
