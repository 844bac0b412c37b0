/** `voicechat-peer --test-call`: a call with an echo, so that one person tries the whole path. */
import { randomBytes } from 'node:crypto'
import { createNodeIdentity } from '../../protocol/node-ed25519.js'
import type { Audio } from '../audio/audio.js'
import { createWorkerAudio } from '../audio/worker-audio.js'
import type { UserEvent } from '../call/events.js'
import type { CallView } from '../call/view.js'
import { startEchoPeer } from '../echo/echo-peer.js'
import { HeardBack } from '../echo/heard-back.js'
import { watchAddresses } from '../node-addresses.js'
import { NodeClock } from '../node-clock.js'
import { nodeParts } from '../node-parts.js'
import { Peer } from '../peer.js'
import type { Connect } from '../routes/connection.js'
import { askForEcho } from './ask-for-echo.js'
import { listenForCommands, listenForKeys, type Wish, wishOfKey } from './controls.js'
import { deviceSentence } from './device-sentence.js'
import { EchoCallOutput } from './echo-call-output.js'
import { echoCallSentences } from './echo-call-sentences.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js'
import { loadIdentity } from './identity-file.js'
import { InspectFile } from './inspect-file.js'
import { JsonOutput } from './json-output.js'
import type { PeerFlags } from './options.js'
import type { Problem } from './output.js'
import { CommandProblem } from './problem.js'
import { endSentence } from './sentences.js'
import { localPort, serverUrl, shownUrl } from './server-address.js'
import { StatsMeter } from './stats.js'

/** How long it lasts unless --for says otherwise, and how long it waits for the echo, ms. */
const FOR_MS = 15_000
const WAIT_MS = 15_000
const LOOK_MS = 20
const STATS_MS = 1_000
const SHOW_MS = 200

/** `connect`: what makes direct connections, null where there is none. Throws a CommandProblem or an AudioProblem. */
export async function echoCall(flags: PeerFlags, connect: Connect | null): Promise<ExitCode> {
  if (flags.to !== undefined)
    throw new CommandProblem(
      'usage',
      'A test call goes to an echo: it takes no --to.',
      'voicechat-peer --test-call is all, with --no-to where that is one of your defaults.',
      EXIT.usage,
    )
  if (flags.password || flags.passwordFile !== undefined)
    throw new CommandProblem(
      'usage',
      'A test call needs no password: an echo knows none.',
      'Leave --password and --password-file away.',
      EXIT.usage,
    )
  const given = flags.server === undefined ? null : serverUrl(flags.server)
  const port = localPort(process.env)
  const inspect = flags.inspect === undefined ? null : new InspectFile(flags.inspect)
  const audio = createWorkerAudio({
    microphone: flags.mic ?? 'default',
    speaker: flags.speaker ?? 'default',
    backend: flags.audio,
    speech: { denoise: flags.denoise, agc: flags.agc },
    echoCancel: flags.echoCancel === true,
  })
  const stop = () => void audio.stop()
  process.once('exit', stop)
  let embedded: { close(): Promise<void> } | null = null
  try {
    await audio.prepare()
    if (given === null) embedded = await (await import('./embedded-server.js')).startIfNoneRuns(port)
    const url = given ?? `ws://localhost:${port}`
    return await new EchoCall(flags, url, given === null, { audio, connect, inspect }).run(embedded ? port : null)
  } finally {
    await audio.stop()
    await embedded?.close()
    inspect?.close()
    process.off('exit', stop)
  }
}

interface EchoCallParts {
  /** Prepared. */
  readonly audio: Audio
  readonly connect: Connect | null
  readonly inspect: InspectFile | null
}

class EchoCall {
  /** A key for this one call: the server need not learn who tests. */
  #identity = createNodeIdentity()
  readonly #suffix = randomBytes(4).toString('hex')
  #own = `test-${this.#suffix}`
  readonly #clock = new NodeClock()
  readonly #forMs: number
  readonly #people: EchoCallOutput
  readonly #json: JsonOutput | null

  /** `alone`: the echo is part of this program. */
  constructor(
    private readonly flags: PeerFlags,
    private readonly url: string,
    private readonly alone: boolean,
    private readonly parts: EchoCallParts,
  ) {
    this.#forMs = flags.for === undefined ? FOR_MS : Math.round(flags.for * 1000)
    const out = flags.json ? process.stderr : process.stdout
    const columns = !flags.json && process.stdout.isTTY ? () => process.stdout.columns || 80 : null
    this.#people = new EchoCallOutput(text => void out.write(text), columns, this.#forMs)
    this.#json = flags.json
      ? new JsonOutput(
          text => void process.stdout.write(text),
          text => void process.stderr.write(text),
          flags.verbose === true,
          Date.now,
        )
      : null
  }

  /** `embeddedPort`: a server of our own runs inside this program, on this port. */
  async run(embeddedPort: number | null): Promise<ExitCode> {
    if (embeddedPort !== null)
      this.#people.note(`No server given and none runs here: started one on port ${embeddedPort}, for this test.`)
    const waitMs = this.flags.wait === undefined ? WAIT_MS : Math.round(this.flags.wait * 1000)
    if (this.parts.audio.remark) this.#problem(this.parts.audio.remark)
    const echo = this.alone ? this.#startEcho(waitMs) : null
    try {
      return await this.#talk(echo?.id ?? (await this.#askForEcho()), waitMs)
    } finally {
      echo?.peer.hangUp()
      await echo?.peer.ended
    }
  }

  /** A private server wants to know who comes: one's own key then, and one's own id where that is given. */
  async #askForEcho(): Promise<string> {
    try {
      return await askForEcho(this.url, this.#own, this.#identity)
    } catch (problem) {
      if (!(problem instanceof CommandProblem) || problem.name !== 'notAllowed') throw problem
      this.#identity = loadIdentity()
      this.#own = this.flags.id ?? this.#own
      return askForEcho(this.url, this.#own, this.#identity)
    }
  }

  #startEcho(waitMs: number) {
    const id = `echo-${this.#suffix}`
    const parts = {
      url: this.url,
      id,
      to: this.#own,
      identity: createNodeIdentity(),
      connect: this.parts.connect,
    }
    // Longer than this side talks: it is the one that hangs up.
    return { id, peer: startEchoPeer({ ...parts, waitMs, forMs: this.#forMs + 10_000 }) }
  }

  async #talk(echo: string, waitMs: number): Promise<ExitCode> {
    const { url, flags } = this
    const { audio, connect, inspect } = this.parts
    const clock = this.#clock
    let whyNoServer = 'it does not answer'
    const node = nodeParts(url, why => {
      whyNoServer = why
    })
    if (node === null) throw new CommandProblem('badServer', `"${url}" is not a server's address.`, '', EXIT.usage)
    let talkingSince: number | null = null
    let route: CallView['route'] = null
    const peer = new Peer(
      {
        ...node,
        clock,
        identity: this.#identity,
        password: null,
        audio,
        connect,
      },
      { id: this.#own, to: echo, route: flags.route, waitMs, talkMs: this.#forMs },
      {
        changed: view => {
          if (view.state === 'talking') {
            talkingSince ??= clock.now()
            route = view.route ?? route
          }
          this.#people.view(view)
          this.#json?.view(view)
        },
        started: devices => this.#json?.devices(devices),
        device: change => (this.#json ? this.#json.device(change) : this.#people.note(deviceSentence(change))),
        problem: problem => this.#problem(problem),
        ...(inspect ? { inspect } : {}),
      },
    )
    if (inspect) inspect.onProblem = problem => this.#problem(problem)
    const heard = new HeardBack()
    const meter = new StatsMeter(() => clock.now())
    let rttMs: number | null = null
    let lossPct = 0
    const every = (ms: number, look: (since: number) => void) =>
      setInterval(() => {
        if (talkingSince !== null && peer.view.state === 'talking') look(talkingSince)
      }, ms)
    const timers = [
      every(LOOK_MS, () => {
        const { framesPlayed, levelIn, levelOut } = audio.stats()
        // Before that there are no levels yet, which reads as 0.
        if (framesPlayed > 0) heard.note(clock.now(), levelIn, levelOut)
      }),
      every(STATS_MS, () => {
        const figures = peer.figures()
        if (!figures) return
        const stats = meter.take(peer.view.route, peer.path, figures, audio.stats())
        rttMs = stats.rttMs ?? rttMs
        lossPct = Math.max(lossPct, stats.lossPct)
        this.#json?.stats(stats)
      }),
      every(SHOW_MS, since => {
        const { framesPlayed, levelIn, levelOut } = audio.stats()
        if (framesPlayed > 0) this.#people.levels(levelIn, levelOut, since + this.#forMs - clock.now())
      }),
    ]
    const unwatch = watchAddresses(() => peer.addressChanged())
    let hangUps = 0
    const control = (event: UserEvent) => {
      // Whoever insists gets out at once.
      if (event.type === 'hangUp' && ++hangUps > 2) process.exit(EXIT.ok)
      peer.do(event)
    }
    const hangUp = () => control({ type: 'hangUp' })
    const release = this.#listen(control, peer, audio)
    process.on('SIGINT', hangUp)
    process.on('SIGTERM', hangUp)
    try {
      peer.start()
      const { reason, detail } = await peer.ended
      this.#people.close()
      const ended = reason === 'hungUp' || reason === 'peerHungUp'
      if (!ended || talkingSince === null) {
        const blames = reason === 'serverLost' ? whyNoServer : null
        const names = { own: this.#own, peer: 'The echo', server: shownUrl(url) }
        const said = endSentence(reason, detail ?? blames, names)
        this.#end(reason, said.message, said.hint, exitCodeOf(reason))
        return exitCodeOf(reason)
      }
      const figures = { ...heard.figures, route, rttMs, lossPct }
      const { message, hint, exitCode } = echoCallSentences(heard.verdict, figures)
      this.#json?.testCall({ verdict: heard.verdict, ...figures })
      this.#end(heard.verdict, message, hint, exitCode)
      return exitCode
    } finally {
      for (const timer of timers) clearInterval(timer)
      unwatch()
      release()
      process.off('SIGINT', hangUp)
      process.off('SIGTERM', hangUp)
    }
  }

  #problem(problem: Problem): void {
    if (this.#json) this.#json.problem(problem)
    else this.#people.note(`${problem.message} ${problem.hint}`)
  }

  #end(name: string, message: string, hint: string, code: ExitCode): void {
    if (this.#json && code !== EXIT.ok) this.#json.problem({ name, message, hint })
    else this.#people.note(hint ? `${message} ${hint}` : message)
  }

  #listen(does: (event: UserEvent) => void, peer: Peer, audio: Audio): () => void {
    let volume = 100
    const control = (wish: Wish) => {
      if (wish.type !== 'volume') return does(wish)
      volume = wish.percent
      audio.setVolume(volume)
    }
    if (this.#json) {
      const problem = (message: string) => this.#json?.problem({ name: 'badCommand', message, hint: '' })
      return listenForCommands(process.stdin, control, problem)
    }
    if (!process.stdin.isTTY || !process.stdout.isTTY) return () => {}
    return listenForKeys(process.stdin, key => {
      const wish = wishOfKey(key, { muted: peer.view.muted, volume })
      if (wish && wish.type !== 'confirm') control(wish)
    })
  }
}
