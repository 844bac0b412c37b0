/** One run of `voicechat-peer`: from its flags to its exit code. */
import { randomBytes } from 'node:crypto'
import { parseId, sameId } from '../../protocol/id.js'
import { originOf } from '../../protocol/login.js'
import { type Audio, AudioProblem } from '../audio/audio.js'
import { createWorkerAudio } from '../audio/worker-audio.js'
import type { UserEvent } from '../call/events.js'
import { NodeClock } from '../node-clock.js'
import { Peer } from '../peer.js'
import { dialWebSocket } from '../signaling/websocket.js'
import { ask } from './ask.js'
import { eventOfKey, listenForCommands, listenForKeys } from './controls.js'
import { lanAddress, startIfNoneRuns } from './embedded-server.js'
import { EXIT, type ExitCode, exitCodeOf, exitCodeOfAudio } from './exit-codes.js'
import { loadIdentity } from './identity-file.js'
import { JsonOutput } from './json-output.js'
import type { PeerFlags } from './options.js'
import type { Output } from './output.js'
import { passwordOf } from './password.js'
import { PlainOutput } from './plain-output.js'
import { CommandProblem } from './problem.js'
import { ProcessMeter } from './process-meter.js'
import { ScreenOutput } from './screen-output.js'
import { endSentence, type Names } from './sentences.js'
import { localPort, serverUrl, urlForOthers } from './server-address.js'
import { StatsMeter } from './stats.js'

const STATS_MS = 1_000

/** Throws a CommandProblem or an AudioProblem for what is wrong before the call. */
export async function run(flags: PeerFlags): Promise<ExitCode> {
  const { own, peer } = await askForIds(flags)
  const given = flags.server === undefined ? null : serverUrl(flags.server)
  const port = localPort(process.env)
  const identity = await loadIdentity()
  const password = await passwordOf(flags, process.env)
  const audio = createWorkerAudio({
    microphone: flags.mic ?? 'default',
    speaker: flags.speaker ?? 'default',
    backend: flags.audio,
  })
  const stop = () => void audio.stop()
  process.once('exit', stop)
  await audio.prepare()
  const embedded = given === null ? await startIfNoneRuns(port) : null
  try {
    const url = given ?? `ws://localhost:${port}`
    const names = { own, peer, server: short(url) }
    const output = outputFor(flags, names)
    if (embedded)
      output.note(`No server given and none runs here: started one on port ${port}, for as long as this call.`)
    const others = short(await urlForOthers(url, lanAddress()))
    return await call(flags, names, output, { url, others, password, identity, audio })
  } finally {
    await audio.stop()
    await embedded?.close()
  }
}

interface CallParts {
  readonly url: string
  /** The same server as others would dial it. */
  readonly others: string
  readonly password: string | null
  readonly identity: Awaited<ReturnType<typeof loadIdentity>>
  readonly audio: Audio
}

async function call(flags: PeerFlags, names: Names, output: Output, parts: CallParts): Promise<ExitCode> {
  const { url, audio } = parts
  const clock = new NodeClock()
  let whyNoServer = 'it does not answer'
  let serverThere = false
  let toldHow = false
  const cost = flags.json && flags.verbose ? new ProcessMeter() : null
  const origin = originOf(url)
  if (origin === null) throw new CommandProblem('badServer', `"${url}" is not the address of a server.`, '', EXIT.usage)
  const peer = new Peer(
    {
      clock,
      random: length => new Uint8Array(randomBytes(length)),
      dial: () =>
        dialWebSocket(url, why => {
          whyNoServer = why
        }),
      origin,
      identity: parts.identity,
      password: parts.password,
      audio,
    },
    { id: names.own, to: names.peer, route: flags.route, waitMs: toMs(flags.wait), talkMs: toMs(flags.for) },
    {
      changed: view => {
        if (view.state === 'talking') cost?.start()
        output.view(view)
        if (view.state !== 'ended') serverThere = view.state !== 'connecting' && !view.reconnecting
        if (view.presence === 'absent' && !toldHow) {
          toldHow = true
          output.note(joinLine(names, parts))
        }
      },
      started: devices => output.devices(devices),
      problem: problem => output.problem(problem),
    },
  )
  const meter = new StatsMeter(() => clock.now())
  const ticking = setInterval(() => {
    const figures = peer.figures()
    if (figures && peer.view.state === 'talking') output.stats(meter.take(peer.view.route, figures, audio.stats()))
  }, STATS_MS)
  let hangUps = 0
  const control = (event: UserEvent) => {
    // Whoever insists gets out at once.
    if (event.type === 'hangUp' && ++hangUps > 2) process.exit(EXIT.ok)
    peer.do(event)
  }
  const hangUp = () => control({ type: 'hangUp' })
  const release = listen(flags, output, control, () => peer.view.muted)
  process.on('SIGINT', hangUp)
  process.on('SIGTERM', hangUp)
  try {
    peer.start()
    const { reason, detail } = await peer.ended
    const blamesServer = reason === 'serverLost' || (reason === 'nobodyCame' && !serverThere)
    const { message, hint } = endSentence(reason, detail ?? (blamesServer ? whyNoServer : null), names)
    const code = exitCodeOf(reason)
    const figures = cost?.take()
    if (figures) output.process(figures)
    output.close()
    if (code !== EXIT.ok && flags.json) output.problem({ name: reason, message, hint })
    else output.note(code !== EXIT.ok && hint ? `${message} ${hint}` : message)
    return code
  } finally {
    clearInterval(ticking)
    release()
    process.off('SIGINT', hangUp)
    process.off('SIGTERM', hangUp)
    output.close()
  }
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
  const own = checked(flags.id ?? (await ask('Your id: ')))
  const peer = checked(flags.to ?? (await ask("The recipient's id: ")))
  if (sameId(own, peer))
    throw new CommandProblem(
      'sameId',
      `You can't call yourself: both ids are "${own}".`,
      "Give the other person's id with --to.",
      EXIT.usage,
    )
  return { own, peer }
}

function checked(id: string): string {
  const parsed = parseId(id.trim())
  if (parsed.ok) return parsed.value
  throw new CommandProblem('badId', `"${id.slice(0, 40)}" is not an id.`, parsed.error.message, EXIT.usage)
}

/** How the other side joins: the exact command. */
function joinLine({ own, peer }: Names, { others, password }: CallParts): string {
  const how = `npx voicechat-peer --id ${peer} --to ${own} --server ${others}${password === null ? '' : ' --password'}`
  return `${peer} joins with:  ${how}`
}

function short(url: string): string {
  return url.replace(/\/$/, '')
}

function outputFor(flags: PeerFlags, names: Names): Output {
  const toStdout = (text: string) => void process.stdout.write(text)
  if (flags.json)
    return new JsonOutput(toStdout, text => void process.stderr.write(text), flags.verbose === true, Date.now)
  if (process.stdout.isTTY)
    return new ScreenOutput(
      toStdout,
      names,
      () => process.stdout.columns || 80,
      () => performance.now(),
    )
  return new PlainOutput(toStdout, names)
}

function listen(
  flags: PeerFlags,
  output: Output,
  control: (event: UserEvent) => void,
  muted: () => boolean,
): () => void {
  if (flags.json) {
    return listenForCommands(process.stdin, control, message =>
      output.problem({ name: 'badCommand', message, hint: '' }),
    )
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) return () => {}
  return listenForKeys(process.stdin, key => {
    const event = eventOfKey(key, muted())
    if (event) control(event)
  })
}

function toMs(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1000)
}

/** What to print and which code to exit with for what went wrong outside a call. */
export function explain(error: unknown): { name: string; message: string; hint: string; code: ExitCode } {
  if (error instanceof CommandProblem) return { ...pick(error), code: error.exitCode }
  if (error instanceof AudioProblem) return { ...pick(error), code: exitCodeOfAudio(error.name) }
  if (error instanceof Error && error.name === 'AbortError')
    return { name: 'aborted', message: 'Nothing was started.', hint: '', code: EXIT.ok }
  const message = `Something went wrong in the program itself: ${error instanceof Error ? error.message : String(error)}`
  return { name: 'crash', message, hint: 'Run it again with --verbose, and report what it prints.', code: EXIT.crash }
}

function pick({ name, message, hint }: CommandProblem | AudioProblem) {
  return { name, message, hint }
}
