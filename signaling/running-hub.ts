/** The hub with what it needs in a real server: names and guests, TURN and the echo, the cluster, the log. Sockets come from elsewhere. */
import { nodeVerify } from '../protocol/node-ed25519.js'
import { VERSION } from '../protocol/node-package.js'
import { nodeRandom } from '../protocol/node-random.js'
import { MAX_MESSAGE_BYTES } from '../protocol/signaling.js'
import { drain } from './drain.js'
import { EchoProgram } from './echo-program.js'
import type { Newcomer } from './entrance.js'
import type { FrameProblem } from './frame-reader.js'
import { FrameSocket } from './frame-socket.js'
import { Hub } from './hub.js'
import type { HubOptions } from './hub-options.js'
import type { Limits } from './limits.js'
import { logEvent, silent } from './log.js'
import { LogDigest } from './log-digest.js'
import { nodeClock } from './node-clock.js'
import type { ServerOptions } from './server-options.js'
import type { ServerState } from './server-state.js'
import type { Tally } from './tally.js'
import { turnServers } from './turn.js'
import { checkTurnSettings } from './turn-settings.js'
import { upgrade } from './upgrade.js'

/** Peers of a restarting server come back after 1 to 2 s, not all at once, and try for a minute. */
const RECONNECT_MS = 1000
const RECONNECT_SPREAD_MS = 1000
const TRY_FOR_MS = 60_000
/** Closing handshakes get this long, ms; then the sockets are cut. */
const CLOSING_MS = 1500
/** A message in more pieces than that is nobody's: each piece costs more to hold than a byte in it. */
const FRAME_LIMITS = { messageBytes: MAX_MESSAGE_BYTES, fragments: 64 }

/** What a hub has to know of where it is. */
export interface HubPlace {
  readonly state: ServerState
  readonly limits: Limits
  readonly tally: Tally
  readonly stunPort: number | null
  readonly otherStunPort: number | null
  /** Origins that a login may name, now. */
  readonly origins: () => readonly string[]
  readonly inTurn: (address: string, act: () => unknown) => void
  /** How the echo dials it; null: there is none. */
  readonly echoUrl: string | null
  readonly cluster: HubOptions['cluster'] | null
}

export interface RunningHub {
  readonly hub: Hub
  /** Takes someone who asks for a websocket. */
  readonly enter: (newcomer: Newcomer) => void
  /** Reads the access file and the members again. */
  reload(): void
  drain(): Promise<void>
  /** Tells all who are here, and closes their connections. `restarting`: they should come back. */
  leave(restarting: boolean): void
  /** After all are gone. */
  close(): Promise<void>
}

export function openHub(options: ServerOptions, place: HubPlace): RunningHub {
  const { log = silent, logIds = false } = options
  const { state, limits, tally, stunPort, otherStunPort, origins, inTurn, echoUrl, cluster } = place
  const { names, file, guests } = state
  const clock = nodeClock
  const digest = new LogDigest(log, clock)
  const turn = options.turn && checkTurnSettings(options.turn)
  const offered = { stunPort, ...(otherStunPort !== null && { otherStunPort }) }
  let ownKey = ''
  const runs = (key: string) => {
    ownKey = key
    guests?.admission.setOwn(key)
  }
  const echo = echoUrl === null ? null : new EchoProgram({ url: echoUrl, limits, log, now: () => clock.now(), runs })
  const hub = new Hub({
    clock,
    random: nodeRandom,
    originAllowed: origin => origins().includes(origin),
    names,
    ...(file && { namesKept: () => file.saved() }),
    ...(guests && { admission: guests.admission }),
    ...(cluster && { cluster }),
    limits,
    verify: nodeVerify,
    inTurn,
    report: event => logEvent({ log, strangers: digest, ids: logIds }, event),
    tally,
    server: `voicechat-server/${VERSION}`,
    // The calendar's time, not the hub's: the TURN server compares with its own.
    ice: id => ({ ...offered, turn: turn ? turnServers(turn, id, Date.now(), limits.turnCredentialMs) : [] }),
    isOwn: key => key === ownKey,
    ...(echo && { echo: (id: string, limitKey: string) => echo.call(id, limitKey) }),
  })
  guests?.watch(() => hub.admissionChanged())
  let cut: NodeJS.Timeout | undefined
  return {
    hub,
    enter: ({ request, stream, rest, key }) =>
      upgrade(request, stream, stream => {
        const onProblem = ({ name }: FrameProblem) => digest.warn({ why: name }, 'socket error')
        hub.connect(new FrameSocket(stream, { limits: FRAME_LIMITS, head: rest, onProblem }), key)
      }),
    reload: () => guests?.reload(),
    drain: () => {
      log.info({ peers: hub.peers, calls: hub.calls }, 'draining')
      return drain(hub, clock, limits.drainMs)
    },
    leave: restarting => {
      echo?.close()
      guests?.close()
      const spread = () => RECONNECT_MS + Math.round((nodeRandom(1)[0]! / 255) * RECONNECT_SPREAD_MS)
      hub.close(restarting ? { reconnectInMs: spread, tryForMs: TRY_FOR_MS } : undefined)
      cut ??= setTimeout(() => hub.terminate(), CLOSING_MS)
    },
    close: async () => {
      clearTimeout(cut)
      await file?.close()
      digest.flush()
    },
  }
}
