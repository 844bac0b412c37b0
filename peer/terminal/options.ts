/** The command line of `voicechat-peer`. Stable: scripts and monitors rely on it. */
import { Command, type CommanderError, InvalidArgumentError, Option } from 'commander'
import { isInvitation } from '../../protocol/invitation-token.js'
import type { RouteWish } from '../../protocol/packet.js'
import { type Backend, backends } from '../audio/backend.js'
import { type EngineName, engineNames } from '../routes/engine-name.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'
import { DEFAULT_PORT } from './server-address.js'

export interface PeerFlags {
  readonly id?: string
  readonly to?: string
  readonly server?: string
  /** A one-time call: make a code for the other side. */
  readonly new?: boolean
  /** A one-time call: with the other side's code; true: ask for it. */
  readonly code?: string | true
  /** A token for that server. */
  readonly invitation?: string
  /** Ask for it. */
  readonly password?: boolean
  readonly passwordFile?: string
  readonly route: RouteWish
  /** The engine of the direct route; absent: whichever loads. */
  readonly webrtc?: EngineName
  readonly mic: string | null
  readonly speaker: string | null
  readonly audio: Backend
  /** What is done to the voice of a real microphone. */
  readonly denoise: boolean
  readonly agc: boolean
  /** Take the loudspeaker's sound out of the microphone's. */
  readonly echoCancel?: boolean
  readonly listDevices?: boolean
  /** Seconds. */
  readonly wait?: number
  readonly for?: number
  /** Call an echo instead of a person. */
  readonly testCall?: boolean
  readonly json?: boolean
  /** Lines only, nothing drawn in place. */
  readonly plain?: boolean
  /** Begin muted. */
  readonly pushToTalk?: boolean
  readonly verbose?: boolean
  /** Path of a file. */
  readonly inspect?: string
  /** Path of the WAV file to be made, and whether both sides go into one channel. */
  readonly record?: string
  readonly recordMix?: boolean
}

/** What a one-time call does without. (What the configuration says of them is for other calls.) */
const NOT_ONE_TIME = ['id', 'to', 'password', 'passwordFile', 'testCall'] as const

/** Eleven days: what timers can hold, with room to spare. */
const MAX_SECONDS = 1_000_000

function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0 || value > MAX_SECONDS)
    throw new InvalidArgumentError(`It is a number of seconds, above 0 and at most ${MAX_SECONDS}.`)
  return value
}

function device(text: string): string {
  if (text === 'file:') throw new InvalidArgumentError('Put the path of a WAV file behind "file:".')
  return text
}

function speaker(text: string): string {
  if (text === 'tone') throw new InvalidArgumentError('The tone is a microphone: use it with --mic.')
  return device(text)
}

function invitation(text: string): string {
  if (isInvitation(text)) return text
  throw new InvalidArgumentError('That is no invitation, or not all of it: copy it again, whole.')
}

/** Does not exit by itself: throws commander's CommanderError, which main.ts turns into an exit code. */
export function peerCommand(version: string): Command {
  return new Command('voicechat-peer')
    .description('Talk to one other person, privately: say who you are and whom you want.')
    .usage('--id ABC --to XYZ [options]\n       voicechat-peer --new | --code CODE [options]')
    .option('--id <id>', 'who you are (asked for in a terminal)')
    .option('--to <id>', 'whom you want to talk to')
    .option(
      '--server <url>',
      `the server, ws:// or wss:// (default: ws://localhost:${DEFAULT_PORT}, started here if nothing runs there; VOICECHAT_PORT sets another port)`,
    )
    .addOption(
      new Option('--new', 'a one-time call: print a code for the other side, and wait; no ids, no password').conflicts([
        ...NOT_ONE_TIME,
        'code',
      ]),
    )
    .addOption(
      new Option(
        '--code [code]',
        'a one-time call with the code of the other side; without CODE it is asked for, or taken from VOICECHAT_CODE',
      ).conflicts([...NOT_ONE_TIME]),
    )
    .option('--invitation <token>', 'an invitation to that server, which a private one wants once', invitation)
    .option('--password', 'ask for a password that both of you know (no echo)')
    .option(
      '--password-file <file>',
      'read that password from a file; the environment variable VOICECHAT_PASSWORD works too',
    )
    .addOption(
      new Option('--route <route>', 'how voice may travel').choices(['auto', 'direct', 'relay']).default('auto'),
    )
    .addOption(
      new Option(
        '--webrtc <engine>',
        'what makes the direct route (default: native, or werift where that does not load)',
      ).choices([...engineNames]),
    )
    .option('--mic <device>', 'a device by name, part of it or number; file:PATH.wav (loops), tone or none', device)
    .option('--speaker <device>', 'a device by name, part of it or number; file:PATH.wav or none', speaker)
    .option('--list-devices', 'show microphones and speakers, and end')
    .addOption(new Option('--audio <system>', 'the sound system').choices([...backends]).default('auto'))
    .addOption(new Option('--denoise').default(true).hideHelp())
    .option('--no-denoise', 'leave the noise around you in: none is taken out (--denoise where that is your default)')
    .addOption(new Option('--agc').default(true).hideHelp())
    .option('--no-agc', 'leave your voice as loud as it is: no automatic gain (--agc where that is your default)')
    .option('--echo-cancel', 'without headphones: take what your speaker plays out of what your microphone hears')
    .option('--wait <seconds>', 'give up when nobody came within so long', seconds)
    .option('--for <seconds>', 'hang up after talking so long', seconds)
    .option(
      '--test-call',
      'call an echo, which says back what you say a second later; without --to, and --id only for a private server',
    )
    .option(
      '--record <file>',
      'record the call into a new WAV file, you left and the other right; the other side is told',
    )
    .option('--record-mix', 'record both sides into one channel')
    .option('--json', 'one JSON object a line on stdout; commands as JSON lines on stdin')
    .option('--plain', 'plain lines, nothing drawn in place: for screen readers, slow lines, logs')
    .option('--push-to-talk', 'begin muted; hold the space bar to talk, or tap it')
    .option('--inspect <file>', 'write what the call goes through into a file, a JSON line an event')
    .option('--verbose', 'more detail, and stack traces of crashes')
    .version(version)
    .addHelpText(
      'after',
      `
In a call: m mutes and unmutes, space talks while it is held, + and - set the volume, v says that the codes match,
q or Ctrl-C hangs up, ? tells the keys.

Defaults: most options can be set in a file (voicechat-peer config set KEY VALUE) or in the environment (VOICECHAT_SERVER
for --server, and so on); the command line counts most, then the environment. --no-KEY leaves a default out.

Exit codes: 0 hung up, 1 crash, 2 usage or bad file, 3 server unreachable or lost, 4 refused or busy, 5 unverified,
6 the other side vanished, 7 sound device, 8 nobody came, 9 no route.`,
    )
    .allowExcessArguments(false)
    .showHelpAfterError('(--help shows all options)')
    .exitOverride()
}

/** A mistake on the command line, for programs; people read what commander writes. */
export function usageProblem(error: CommanderError): CommandProblem {
  const message = error.message.replace(/^error: /, '')
  return new CommandProblem('usage', `${message[0]?.toUpperCase()}${message.slice(1)}`, 'See --help.', EXIT.usage)
}

export function flagsOf(command: Command): PeerFlags {
  const options = command.opts()
  return { ...options, mic: options.mic ?? null, speaker: options.speaker ?? null } as PeerFlags
}
