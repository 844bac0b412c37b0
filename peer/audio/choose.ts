/** Which microphone and speaker a person asked for, in the words of the command line; and the devices themselves. */
import { resolve } from 'node:path'
import type { Clock } from '../../protocol/clock.js'
import { AudioProblem } from './audio.js'
import type { Microphone, Speaker } from './devices/device.js'
import { FileMicrophone } from './devices/file-microphone.js'
import { FileSpeaker } from './devices/file-speaker.js'
import { NoMicrophone, NoSpeaker } from './devices/none.js'
import { ProgramMicrophone } from './devices/program-microphone.js'
import { ProgramSpeaker } from './devices/program-speaker.js'
import { pulse } from './devices/pulse.js'
import { ToneMicrophone } from './devices/tone.js'

export const backends = ['auto', 'pulse', 'file'] as const
export type Backend = (typeof backends)[number]

export type MicrophoneChoice =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'tone' | 'none' }
  | { readonly kind: 'device'; readonly name: string | null }
export type SpeakerChoice = Exclude<MicrophoneChoice, { readonly kind: 'tone' | 'none' }> | { readonly kind: 'none' }

/** `file:PATH.wav`, `tone`, `none`, or a device's name; empty or `default` is the default device. */
export function parseMicrophone(text: string): MicrophoneChoice {
  return text === 'tone' ? { kind: 'tone' } : parseSpeaker(text)
}

/** `file:PATH.wav`, `none`, or a device's name; empty or `default` is the default device. */
export function parseSpeaker(text: string): SpeakerChoice {
  if (text === 'none') return { kind: 'none' }
  if (text.startsWith('file:')) return { kind: 'file', path: text.slice('file:'.length) }
  return { kind: 'device', name: text === '' || text === 'default' ? null : text }
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
  if (microphone.kind === 'device' || speaker.kind === 'device') {
    if (choice.backend === 'file') {
      const hint = 'Name both: --mic file:PATH.wav, tone or none, and --speaker file:PATH.wav or none.'
      throw new AudioProblem('noSoundSystem', 'With --audio file no real device is used.', hint)
    }
    await pulse.find()
  }
  if (microphone.kind === 'file' && speaker.kind === 'file' && resolve(microphone.path) === resolve(speaker.path)) {
    const message = `${speaker.path} cannot be both microphone and speaker.`
    throw new AudioProblem('cannotWrite', message, 'Choose another file for --speaker.')
  }
  return [makeMicrophone(microphone, clock), makeSpeaker(speaker, clock)]
}

function makeMicrophone(choice: MicrophoneChoice, clock: Clock): Microphone {
  switch (choice.kind) {
    case 'file':
      return new FileMicrophone(choice.path, clock)
    case 'tone':
      return new ToneMicrophone(clock)
    case 'none':
      return new NoMicrophone(clock)
    case 'device':
      return new ProgramMicrophone(pulse, choice.name, clock)
  }
}

function makeSpeaker(choice: SpeakerChoice, clock: Clock): Speaker {
  switch (choice.kind) {
    case 'file':
      return new FileSpeaker(choice.path, clock)
    case 'none':
      return new NoSpeaker(clock)
    case 'device':
      return new ProgramSpeaker(pulse, choice.name, clock)
  }
}
