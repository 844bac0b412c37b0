import type { AudioProblemName } from '../audio/audio.js'
import type { EndReason } from '../call/events.js'

/** Exit codes of `voicechat-peer`; stable, scripts rely on them. */
export const EXIT = {
  ok: 0,
  crash: 1,
  usage: 2,
  server: 3,
  refused: 4,
  unverified: 5,
  vanished: 6,
  device: 7,
  nobodyCame: 8,
  noRoute: 9,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const BY_REASON: Record<EndReason, ExitCode> = {
  hungUp: EXIT.ok,
  peerHungUp: EXIT.ok,
  busy: EXIT.refused,
  refused: EXIT.refused,
  unverified: EXIT.unverified,
  vanished: EXIT.vanished,
  nobodyCame: EXIT.nobodyCame,
  serverLost: EXIT.server,
  deviceLost: EXIT.device,
  noRoute: EXIT.noRoute,
}

export function exitCodeOf(reason: EndReason): ExitCode {
  return BY_REASON[reason]
}

const MISTAKES: readonly AudioProblemName[] = [
  'noSuchFile',
  'notWav',
  'cannotRead',
  'cannotWrite',
  'fileExists',
  'noEchoCanceller',
]

/** A bad file, and an option that can't be had here, are mistakes on the command line (2); a bad device is a device (7). */
export function exitCodeOfAudio(name: AudioProblemName): ExitCode {
  return MISTAKES.includes(name) ? EXIT.usage : EXIT.device
}
