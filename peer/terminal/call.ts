/** The call itself, and what people and programs see of it. */
import type { Identity } from '../../protocol/identity.js'
import { createNodeIdentity } from '../../protocol/node-ed25519.js'
import { withPair } from '../../protocol/pair.js'
import type { Audio } from '../audio/audio.js'
import { rehearse } from '../call/rehearsal.js'
import type { CallView } from '../call/view.js'
import { watchAddresses } from '../node-addresses.js'
import { nodeParts } from '../node-parts.js'
import { Peer, type PeerParts } from '../peer.js'
import { atEnd } from './at-end.js'
import { type KeyContext, listenForCommands, listenForKeys, type Wish } from './controls.js'
import { distrustSentence } from './distrust-sentence.js'
import { lanAddress } from './embedded-server.js'
import type { ChosenEngine } from './engine.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js'
import type { InspectFile } from './inspect-file.js'
import { JsonOutput } from './json-output.js'
import { Keyboard } from './keyboard.js'
import { invitationOf } from './one-time/invitation.js'
import { nobodyIsThere, type OneTimeSide, oneTimeEndSentence } from './one-time/sentences.js'
import type { PeerFlags } from './options.js'
import type { Output } from './output.js'
import { THE_OTHER_SIDE } from './peer-name.js'
import { PlainOutput } from './plain-output.js'
import { CommandProblem } from './problem.js'
import { ProcessMeter } from './process-meter.js'
import { canRedraw, screenOf } from './screen/tty.js'
import { ScreenOutput } from './screen-output.js'
import { endSentence, type Names } from './sentences.js'
import { isLoopback, shownUrl, urlForOthers } from './server-address.js'
import { StatsMeter } from './stats.js'
import { inOneLine } from './troubles.js'

const STATS_MS = 1_000
/** Whoever comes with a code waits as long as a server keeps the number of one that fell out, seconds; then it may be another's. */
const GUEST_WAIT_S = 60

/** As the server knows the two. */
export interface CallIds {
  readonly own: string
  readonly peer: string
}

export interface CallParts {
  readonly url: string
  readonly password: string | null
  readonly identity: Identity
  /** Absent: nobody is known, remembered or counted. */
  readonly trust?: Pick<PeerParts, 'contacts' | 'guesses'>
  readonly audio: Audio
  /** Settles when it is prepared: meanwhile the server is dialled already. */
  readonly sound: Promise<void>
  /** A server of our own runs inside this program, on this port. */
  readonly embeddedPort: number | null
  /** Makes direct connections. */
  readonly engine: ChosenEngine
  /** Where to write what the call goes through. */
  readonly inspect: InspectFile | null
  /** Nobody has an id of their own, and the password is the code's words; absent: an ordinary call. */
  readonly oneTime?: OneTimeSide
}

/** From the first connect to the exit code. Throws a CommandProblem, or the AudioProblem that kept the sound from being prepared. */
export async function call(flags: PeerFlags, ids: CallIds, parts: CallParts): Promise<ExitCode> {
  const { url, audio, embeddedPort, engine, inspect, oneTime } = parts
  const names = { own: ids.own, peer: oneTime ? THE_OTHER_SIDE : ids.peer, server: shownUrl(url) }
  const output = outputFor(flags, names, audio)
  if (embeddedPort !== null)
    output.note(`No server given and none runs here: started one on port ${embeddedPort}, for as long as this call.`)
  if (flags.verbose && engine.remark !== null) output.note(engine.remark)
  if (inspect) inspect.onProblem = problem => output.problem(problem)
  let whyNoServer = 'it does not answer'
  let serverThere = false
  let toldHow = false
  let talked = false
  /** What is to be shown once the sound is known to work: a call without it never began. */
  let held: CallView[] | null = []
  const cost = flags.json && flags.verbose ? new ProcessMeter() : null
  // What stands in front of several servers can so send both people to one.
  const node = nodeParts(URL.canParse(url) ? withPair(url, ids.own, ids.peer) : url, why => {
    whyNoServer = why
  })
  if (node === null) throw new CommandProblem('badServer', `"${url}" is not the address of a server.`, '', EXIT.usage)
  const { clock, random, sealing, verify } = node
  const peer = new Peer(
    {
      ...node,
      ...parts.trust,
      identity: parts.identity,
      password: parts.password,
      audio,
      connect: engine.connect,
      // For the server that was named: one of this machine needs none, and should not see it. And for the key that one keeps.
      invitation: flags.server === undefined || oneTime ? undefined : flags.invitation,
    },
    {
      id: ids.own,
      to: ids.peer,
      route: flags.route,
      waitMs: toMs(flags.wait ?? (oneTime?.side === 'guest' ? GUEST_WAIT_S : undefined)),
      talkMs: toMs(flags.for),
      recording: flags.record !== undefined,
      oneGuess: oneTime !== undefined,
    },
    {
      changed: view => {
        if (view.state === 'talking') {
          talked = true
          cost?.start()
        }
        if (held) held.push(view)
        else output.view(view)
        if (view.state !== 'ended') serverThere = view.state !== 'connecting' && !view.reconnecting
        if (view.presence === 'absent' && !toldHow) {
          toldHow = true
          void addressForOthers(url).then(server => {
            if (peer.view.state !== 'waiting') return
            if (oneTime?.side === 'guest') output.note(nobodyIsThere(oneTime))
            else if (oneTime) output.invite(invitationOf(oneTime, server, flags.wait))
            else output.note(joinLine(ids, server, parts.password))
            rehearse(random, { sealing, verify, newIdentity: createNodeIdentity })
          })
        }
      },
      started: devices => output.devices(devices),
      device: change => output.device(change),
      problem: problem => output.problem(problem),
      ...(inspect ? { inspect } : {}),
    },
  )
  const meter = new StatsMeter(() => clock.now())
  const ticking = setInterval(() => {
    const figures = peer.figures()
    if (figures && peer.view.state === 'talking')
      output.stats(meter.take(peer.view.route, peer.path, figures, audio.stats()))
  }, STATS_MS)
  const unwatch = watchAddresses(() => peer.addressChanged())
  let hangUps = 0
  let volume = 100
  const control = (wish: Wish) => {
    // Whoever insists gets out at once.
    if (wish.type === 'hangUp' && ++hangUps > 2) process.exit(EXIT.ok)
    if (wish.type !== 'volume') return peer.do(wish)
    volume = wish.percent
    audio.setVolume(volume)
    output.volume(volume)
  }
  const hangUp = () => control({ type: 'hangUp' })
  const release = listen(flags, output, control, () => ({ muted: peer.view.muted, volume }))
  const leave = atEnd(() => output.close())
  process.on('SIGINT', hangUp)
  process.on('SIGTERM', hangUp)
  try {
    peer.start()
    if (flags.pushToTalk) control({ type: 'mute' })
    let silent: unknown = null
    const show = () => {
      for (const view of held ?? []) output.view(view)
      held = null
    }
    parts.sound.then(
      () => {
        if (audio.remark) output.problem(audio.remark)
        show()
      },
      problem => {
        // A call that ends early, as one that is refused does, stops the sound itself.
        if (peer.view.state === 'ended') return
        silent = problem
        peer.do({ type: 'hangUp' })
      },
    )
    const { reason, detail, distrust } = await peer.ended
    if (silent) throw silent
    show()
    inspect?.close()
    const blamesServer = reason === 'serverLost' || (reason === 'nobodyCame' && !serverThere)
    const why = detail ?? (blamesServer ? whyNoServer : null)
    const { message, hint } = oneTime
      ? oneTimeEndSentence(oneTime, { reason, detail: why, talked }, names)
      : distrust
        ? distrustSentence(distrust, detail, names)
        : endSentence(reason, why, names)
    const code = exitCodeOf(reason)
    const figures = cost?.take()
    if (figures) output.process(figures)
    output.close()
    if (code !== EXIT.ok && flags.json) output.problem({ name: reason, message, hint })
    else output.note(code === EXIT.ok ? message : inOneLine({ name: reason, message, hint }))
    return code
  } finally {
    clearInterval(ticking)
    unwatch()
    release()
    process.off('SIGINT', hangUp)
    process.off('SIGTERM', hangUp)
    leave()
    output.close()
  }
}

/** How the other side joins: the exact command. */
function joinLine({ own, peer }: CallIds, server: string, password: string | null): string {
  const how = `npx voicechat-peer --id ${peer} --to ${own} --server ${server}${password === null ? '' : ' --password'}`
  return `${peer} joins with:  ${how}`
}

/** How the other side would write the address of this server. */
async function addressForOthers(url: string): Promise<string> {
  const address = isLoopback(new URL(url).hostname) ? await lanAddress() : undefined
  return shownUrl(await urlForOthers(url, address))
}

function outputFor(flags: PeerFlags, names: Names, audio: Audio): Output {
  const toStdout = (text: string) => void process.stdout.write(text)
  if (flags.json)
    return new JsonOutput(toStdout, text => void process.stderr.write(text), flags.verbose === true, Date.now)
  if (flags.plain || !canRedraw(process.stdout, process.env))
    return new PlainOutput(toStdout, names, () => performance.now())
  return new ScreenOutput(screenOf(process.stdout), names, () => audio.stats())
}

function listen(
  flags: PeerFlags,
  output: Output,
  control: (wish: Wish) => void,
  context: () => KeyContext,
): () => void {
  if (flags.json) {
    return listenForCommands(process.stdin, control, message =>
      output.problem({ name: 'badCommand', message, hint: '' }),
    )
  }
  if (!process.stdin.isTTY || (!process.stdout.isTTY && !flags.plain)) return () => {}
  const keyboard = new Keyboard({
    context,
    wish: control,
    note: line => output.note(line),
    now: () => performance.now(),
    later: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  })
  const release = listenForKeys(process.stdin, key => keyboard.press(key))
  return () => {
    keyboard.close()
    release()
  }
}

function toMs(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1000)
}
