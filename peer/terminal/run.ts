/** One run of `voicechat-peer`: from its flags to its exit code. */
import { sameId } from '../../protocol/id.js'
import { StateProblem } from '../../protocol/node-state-problem.js'
import { reasonOf } from '../../protocol/reason.js'
import { AudioProblem } from '../audio/audio.js'
import { createWorkerAudio } from '../audio/worker-audio.js'
import { ask } from './ask.js'
import { chooseEngine } from './engine.js'
import { EXIT, type ExitCode, exitCodeOfAudio } from './exit-codes.js'
import { InspectFile } from './inspect-file.js'
import type { OneTimeCode } from './one-time/code.js'
import type { PeerFlags } from './options.js'
import { passwordOf } from './password.js'
import { parsePersonId } from './person-id.js'
import { CommandProblem } from './problem.js'
import { listens, localPort, serverUrl } from './server-address.js'

/** Throws a CommandProblem or an AudioProblem for what is wrong before the call. */
export async function run(flags: PeerFlags): Promise<ExitCode> {
  if (flags.testCall) return (await import('./echo-call.js')).echoCall(flags, (await chooseEngine(flags)).connect)
  if (flags.listDevices) return (await import('./list-devices.js')).listDevices(flags)
  const isOneTime = flags.new === true || flags.code !== undefined
  const code =
    flags.code === undefined ? null : await (await import('./one-time/which-code.js')).whichCode(flags, process.env)
  const ids = isOneTime ? null : await askForIds(flags)
  const given = flags.server === undefined ? null : serverUrl(flags.server)
  const port = localPort(process.env)
  const inspect = flags.inspect === undefined ? null : new InspectFile(flags.inspect)
  const recording =
    flags.record === undefined
      ? null
      : { path: flags.record, form: flags.recordMix ? ('mixed' as const) : ('stereo' as const) }
  const audio = createWorkerAudio(
    {
      microphone: flags.mic ?? 'default',
      speaker: flags.speaker ?? 'default',
      backend: flags.audio,
      speech: { denoise: flags.denoise, agc: flags.agc },
      echoCancel: flags.echoCancel === true,
    },
    recording,
  )
  const stop = () => void audio.stop()
  process.once('exit', stop)
  let embedded: { close(): Promise<void> } | null = null
  try {
    // What takes longest waits for programs of the sound system, which leaves this thread free for all else.
    const sound = settled(audio.prepare())
    // Most of the program is loaded only now, so that help and mistakes on the command line are quick.
    const [{ call }, { loadIdentity }, { loadTrust }] = await Promise.all([
      import('./call.js'),
      import('./identity-file.js'),
      import('./trust-files.js'),
    ])
    const own = ids && {
      identity: loadIdentity(),
      trust: loadTrust(),
      password: await passwordOf(flags, process.env),
    }
    const engine = settled(chooseEngine(flags))
    // A server of our own is for a call that can be heard.
    if (!own || given === null) await sound
    if (given === null) embedded = await localServer(port, code)
    const url = given ?? `ws://localhost:${port}`
    const parts = { url, audio, sound, engine: await engine, embeddedPort: embedded && port, inspect }
    if (own) return await call(flags, ids, { ...parts, ...own })
    return await (await import('./one-time/one-time-call.js')).oneTimeCall(flags, code, parts)
  } finally {
    await audio.stop()
    await embedded?.close()
    inspect?.close()
  }
}

/** Begun early and awaited later: that it fails meanwhile is no crash. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** A server of our own, unless one runs here; never for a code, which is good only where the other side is. Throws a CommandProblem. */
async function localServer(port: number, code: OneTimeCode | null): Promise<{ close(): Promise<void> } | null> {
  if (code && !(await listens(`ws://localhost:${port}`)))
    throw new CommandProblem(
      'serverLost',
      'No server was given, and none runs on this machine: a code is good only at the server of whoever made it.',
      'Name it with --server, as in the command that the other side was shown.',
      EXIT.server,
    )
  return (await import('./embedded-server.js')).startIfNoneRuns(port)
}

async function askForIds(flags: PeerFlags): Promise<{ own: string; peer: string }> {
  const mayAsk = process.stdin.isTTY === true && !flags.json
  if (!mayAsk && (flags.id === undefined || flags.to === undefined))
    throw new CommandProblem(
      'noId',
      'Who are you, and whom do you want to talk to?',
      'Give both: voicechat-peer --id ABC --to XYZ',
      EXIT.usage,
    )
  const own = flags.id === undefined ? await askForId('Your id: ') : checked(flags.id)
  const peer = flags.to === undefined ? await askForId("The recipient's id: ") : checked(flags.to)
  if (sameId(own, peer))
    throw new CommandProblem(
      'sameId',
      `You can't call yourself: both ids are "${own}".`,
      "Give the other person's id with --to.",
      EXIT.usage,
    )
  return { own, peer }
}

/** Asks again until it is one. */
async function askForId(question: string): Promise<string> {
  for (;;) {
    const answer = await ask(question)
    const parsed = parsePersonId(answer.trim())
    if (parsed.ok) return parsed.value
    process.stderr.write(`"${answer.trim().slice(0, 40)}" is not an id. ${parsed.error.message}\n`)
  }
}

function checked(id: string): string {
  const parsed = parsePersonId(id.trim())
  if (parsed.ok) return parsed.value
  throw new CommandProblem('badId', `"${id.slice(0, 40)}" is not an id.`, parsed.error.message, EXIT.usage)
}

/** What to print and which code to exit with for what went wrong outside a call. */
export function explain(error: unknown): { name: string; message: string; hint: string; code: ExitCode } {
  if (error instanceof CommandProblem) return { ...pick(error), code: error.exitCode }
  if (error instanceof StateProblem) return { ...pick(error), code: EXIT.usage }
  if (error instanceof AudioProblem) return { ...pick(error), code: exitCodeOfAudio(error.name) }
  if (error instanceof Error && error.name === 'AbortError')
    return { name: 'aborted', message: 'Nothing was started.', hint: '', code: EXIT.ok }
  const message = `Something went wrong in the program itself: ${reasonOf(error)}`
  return { name: 'crash', message, hint: 'Run it again with --verbose, and report what it prints.', code: EXIT.crash }
}

function pick({ name, message, hint }: CommandProblem | StateProblem | AudioProblem) {
  return { name, message, hint }
}
