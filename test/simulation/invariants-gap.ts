/**
 * While the relay works, whatever befalls the direct route: no gap over 160 ms and the time from the one to the other over the relay and
 * back. A gap is played time without sound of the other side, made-up sound left aside. What comes a little late on the direct route
 * is not held against it: where a queue grows there, the gap may be longer by the time in which it grows by that much. (A queue that
 * grows more slowly than by half of what passes is followed by the jitter buffer.)
 */
import { LATE_MS } from '../../peer/session/lateness.js'
import { endOf } from './fault.js'
import type { Call, Invariant } from './invariants.js'
import { callers } from './invariants-connects.js'
import { RelayWatch, relayDelay } from './invariants-gap-relay.js'
import type { Program } from './play-program.js'

const ALLOWED_MS = 160
const FRAME_MS = 20
/** On a narrow link three frames go together, the first of them so much later. */
const LATER_FRAMES_MS = 40
/** What is heard is told when the speaker asks for the 20 ms that it begins in. */
const MEASURE_MS = 20

/** What one side heard of the other. */
interface Listening {
  /** When the last frame of the other side was played, ms; null while there was none. */
  heardAt: number | null
  /** Since when nothing excuses a gap. */
  wellSince: number
}

export const gap: Invariant = {
  name: 'gap',
  watch: (call, broken) => {
    const relay = new RelayWatch(call.world, call.scenario)
    const listening = new Map<Program, Listening>()
    const judge = (listener: Program, other: Program, now: number) => {
      const state = listening.get(listener)
      if (!state || state.heardAt === null) return
      const ms = now - Math.max(state.heardAt + FRAME_MS, state.wellSince)
      if (ms <= ALLOWED_MS + MEASURE_MS) return
      const roundTrip = relayDelay(listener, other) + relayDelay(other, listener)
      const grows = queueGrows(call, now) ? 2 * LATE_MS + roundTrip + LATER_FRAMES_MS : 0
      const allowed = ALLOWED_MS + grows + roundTrip
      if (ms > allowed + MEASURE_MS)
        broken(`${listener.name} hears nothing of ${other.name} for ${Math.round(ms)} ms, and the relay works`)
    }
    const look = () => {
      const pair = callers(call)
      if (!pair) return
      const now = call.now()
      const trouble = relay.trouble(pair, now) ?? (mayTalk(call, pair) ? null : 'not talking')
      for (const [listener, other] of [pair, [pair[1], pair[0]]] as const) {
        const state = listening.get(listener)
        if (!state) continue
        if (trouble !== null || isMuted(other)) state.wellSince = now
        else judge(listener, other, now)
      }
    }
    return {
      wire: look,
      hub: event => relay.hub(event, call.now()),
      started(program) {
        relay.started(program)
        const state: Listening = { heardAt: null, wellSince: 0 }
        listening.set(program, state)
        program.person.onHeard.push(({ frame }) => {
          if (frame === null) return
          look()
          state.heardAt = call.now()
        })
      },
    }
  },
}

/** Whether the direct way is narrower than voice and what else goes there need, or was a moment ago. */
function queueGrows({ scenario: { faults } }: Call, now: number): boolean {
  return faults.some(
    fault =>
      fault.kind === 'directWorse' &&
      typeof fault.quality.rateKbps === 'number' &&
      now >= fault.at &&
      now < endOf(fault) + MEASURE_MS + ALLOWED_MS,
  )
}

/** Both talk, and the relay may carry their voice. */
function mayTalk({ scenario: { people } }: Call, pair: readonly [Program, Program]): boolean {
  if (people.ABC.route === 'direct' || people.XYZ.route === 'direct') return false
  return pair.every(({ person }) => person.views.at(-1)?.state === 'talking')
}

function isMuted({ person }: Program): boolean {
  return person.views.at(-1)?.muted ?? false
}
