/** Records two seconds and plays them back, by the same way that a call takes: devices, thread, codec, jitter buffer. */
import { type Audio, AudioProblem } from '../audio/audio.js'
import { FRAME_MS } from '../audio/codec.js'
import { SILENCE_DB } from '../audio/level.js'
import { type Finding, fault, okay, skipped, warning } from './finding.js'

export interface SoundProbe {
  readonly audio: Audio
  /** What was asked for on the command line; null: the default. */
  readonly microphone: string | null
  readonly speaker: string | null
  /** Whether the sound system mutes the device now; null: it does not tell. */
  readonly isMuted: (device: 'microphone' | 'speaker') => Promise<boolean | null>
  readonly sleep: (ms: number) => Promise<void>
  /** ms. */
  readonly now: () => number
  /** What a person should know while it lasts. */
  readonly progress: (line: string) => void
}

const RECORD_MS = 2_000
/** A microphone may take this long to give its first, and the jitter buffer to give its last, ms. */
const SLACK_MS = 1_500
const PLAY_SLACK_MS = 600
/** What a person says is louder; a room with nobody in it may not be, dBFS. */
const QUIET_DB = -65

/** What recording and playing came to. */
export interface HeardSound {
  readonly packets: readonly Uint8Array[]
  readonly recordedDb: number
  readonly playedDb: number
  readonly names: { readonly microphone: string; readonly speaker: string }
  readonly muted: { readonly microphone: boolean | null; readonly speaker: boolean | null }
}

/** `audio` is new; it is stopped when this is over. */
export async function checkSound(probe: SoundProbe): Promise<Finding> {
  const { audio, microphone, speaker } = probe
  if (microphone === 'none' && speaker === 'none')
    return skipped('Neither microphone nor speaker was asked for.', 'Leave --mic none and --speaker none away.')
  let lost: AudioProblem | null = null
  const gone = (problem: AudioProblem) => {
    lost ??= problem
  }
  audio.onDevice = change => change.change === 'lost' && gone(change.problem)
  audio.onFailed = gone
  try {
    const heard = await recordAndPlay(probe)
    if (lost) throw lost
    return judgeSound(heard, microphone, speaker)
  } catch (error) {
    if (error instanceof AudioProblem) return fault(error.message, error.hint)
    throw error
  } finally {
    await audio.stop()
  }
}

async function recordAndPlay({ audio, sleep, now, progress, isMuted }: SoundProbe): Promise<HeardSound> {
  await audio.prepare()
  const packets: Uint8Array[] = []
  const wanted = RECORD_MS / FRAME_MS
  audio.onCaptured = () => {
    for (let next = audio.captured.pop(); next; next = audio.captured.pop())
      if (packets.length < wanted) packets.push(next.payload)
  }
  progress('Recording two seconds: say something ...')
  const { microphone, speaker } = await audio.start()
  let recordedDb = SILENCE_DB
  const over = now() + RECORD_MS + SLACK_MS
  do {
    await sleep(FRAME_MS)
    recordedDb = Math.max(recordedDb, levels(audio).levelIn)
  } while (packets.length < wanted && now() < over)
  const muted = { microphone: await isMuted('microphone'), speaker: await isMuted('speaker') }
  progress('Playing them back ...')
  let playedDb = SILENCE_DB
  const started = now()
  for (let at = 0, ms = 0; ms < packets.length * FRAME_MS + PLAY_SLACK_MS; ms = now() - started) {
    for (; at < packets.length && at * FRAME_MS <= ms; at++) audio.playout.push(at, packets[at]!)
    await sleep(FRAME_MS / 2)
    playedDb = Math.max(playedDb, levels(audio).levelOut)
  }
  return { packets, recordedDb, playedDb, names: { microphone: microphone.name, speaker: speaker.name }, muted }
}

/** Before anything was played there are no levels yet, which reads as 0. */
function levels(audio: Audio): { levelIn: number; levelOut: number } {
  const { framesPlayed, levelIn, levelOut } = audio.stats()
  return framesPlayed > 0 ? { levelIn, levelOut } : { levelIn: SILENCE_DB, levelOut: SILENCE_DB }
}

/** The verdict; what was asked for matters where it is `none`. */
export function judgeSound(heard: HeardSound, microphone: string | null, speaker: string | null): Finding {
  const { packets, recordedDb, playedDb, names, muted } = heard
  const played =
    speaker === 'none' ? '; no speaker was asked for.' : `, played back on ${names.speaker} (${level(playedDb)}).`
  const seen = `Recorded two seconds of ${names.microphone} (${level(recordedDb)})${played}`
  if (muted.microphone)
    return fault(
      `${seen} The microphone is muted in the sound system.`,
      'Unmute it: pavucontrol, or the sound settings.',
    )
  if (muted.speaker)
    return warning(
      `${seen} The speaker is muted in the sound system.`,
      'Unmute it: pavucontrol, or the sound settings.',
    )
  if (microphone === 'none') return okay(`The speaker (${names.speaker}) opens; no microphone was asked for.`)
  if (packets.length === 0)
    return fault(`The microphone (${names.microphone}) opens, but gives nothing.`, 'Choose another with --mic.')
  if (recordedDb <= SILENCE_DB)
    return warning(
      `${seen} That is silence to the last bit: muted, unplugged, or a device that is no microphone.`,
      'Check the switch on the microphone, unmute it, or choose another with --mic; then run this again and speak.',
    )
  if (recordedDb < QUIET_DB)
    return warning(
      `${seen} That is very quiet.`,
      'Did you say something? Turn the microphone up, or choose another with --mic.',
    )
  if (speaker !== 'none' && playedDb <= SILENCE_DB)
    return fault(
      `${seen} What was recorded was not played.`,
      'Run voicechat-peer --test-call --json and report what it prints.',
    )
  if (speaker === 'none') return okay(seen)
  return okay(`${seen} Did you hear yourself?`, 'If not: turn the speaker up, or choose another with --speaker.')
}

function level(db: number): string {
  return db <= SILENCE_DB ? 'silence' : `${db.toFixed(0)} dBFS`
}
