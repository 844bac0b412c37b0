/** With nothing wrong voice goes directly wherever that is possible, and then on that route alone. */

import { TIMINGS } from '../../peer/call/timings.js'
import { endOf } from './fault.js'
import type { Invariant } from './invariants.js'
import { callers } from './invariants-connects.js'
import { sealedIn } from './invariants-nonces.js'
import type { NatKind } from './nat.js'
import type { Path } from './path.js'

/** Nothing went wrong, and no route changed, for so long, ms. */
const CALM_MS = 8_000
/** Relayed frames in a row, no two of them a second apart, that nothing explains. A few go there with each look for a better way. */
const MANY = 40
const APART_MS = 1_000

export const directAlone: Invariant = {
  name: 'directAlone',
  watch: (call, broken) => {
    const sent = new Map<string, { frames: number; at: number }>()
    let views = -1
    let calmSince = 0
    /** Whether both have trusted the direct route for long, over paths that give no reason to doubt it. */
    const calm = (now: number): boolean => {
      const pair = callers(call)
      const seen = call.programs.reduce((sum, { person }) => sum + person.views.length, call.programs.length)
      if (seen !== views) calmSince = now
      views = seen
      if (!pair || call.scenario.faults.some(fault => now >= fault.at && now < endOf(fault) + CALM_MS)) return false
      const clean = pair.every(({ person: { host, views: shown } }) => {
        const even = [host.up, host.down].every(
          ({ quality: q }) => q.loss + q.burstShare === 0 && q.jitterMs <= 20 && q.rateKbps === null,
        )
        return even && shown.at(-1)?.route === 'direct'
      })
      return clean && now - calmSince >= CALM_MS
    }
    return {
      wire(seen) {
        if (seen.medium !== 'relay' || seen.from === 'server' || !sealedIn(seen)) return
        const now = call.now()
        const before = sent.get(seen.from)
        const frames = calm(now) && before && now - before.at < APART_MS ? before.frames + 1 : 1
        sent.set(seen.from, { frames, at: now })
        if (frames > MANY) broken(`${seen.from} sends on the relay as well, though both trust the direct route`)
      },
    }
  },
}

/** Looked at with every so many-th message on the wire: some 12 times a second. */
const EACH = 16
/** With nothing wrong for so long two that can talk directly do, ms: the longest pause between two tries but the late ones, and a try. */
const DIRECT_BY_MS = TIMINGS.directRetry + TIMINGS.directOpening + TIMINGS.directProving + 5_000
const OPENS_WITH: Readonly<Record<NatKind, readonly NatKind[]>> = {
  open: ['open', 'ordinary', 'symmetric'],
  ordinary: ['open', 'ordinary'],
  symmetric: ['open'],
  udpBlocked: [],
}

export const goesDirect: Invariant = {
  name: 'goesDirect',
  watch: (call, broken) => {
    let since = 0
    let state = ''
    let messages = 0
    return {
      wire() {
        if (++messages % EACH !== 0) return
        const now = call.now()
        const pair = callers(call)
        const views = pair?.map(({ person }) => person.views.at(-1)) ?? []
        const { faults, people } = call.scenario
        const possible =
          views.length === 2 &&
          views.every(view => view?.state === 'talking' && !view.silent) &&
          [people.ABC, people.XYZ].every(({ engine, route }) => engine && route === 'auto') &&
          !faults.some(fault => now >= fault.at && now < endOf(fault) + 1_000) &&
          pair?.every(({ person: { host } }) => [host.up, host.down].every(isClean)) === true &&
          OPENS_WITH[pair[0].person.host.nat.kind].includes(pair[1].person.host.nat.kind)
        const direct = views.every(view => view?.route === 'direct')
        const before = state
        state = `${views.map(view => view?.reconnecting)} ${call.programs.length} ${possible} ${direct}`
        if (!possible || direct || state !== before) since = now
        else if (now - since > DIRECT_BY_MS)
          broken(`nothing is wrong, and for ${Math.round(now - since)} ms no direct route is found`)
      },
    }
  },
}

function isClean({ quality }: Path): boolean {
  const { loss, burstShare, jitterMs, delayMs, rateKbps } = quality
  return loss + burstShare === 0 && jitterMs <= 20 && delayMs <= 100 && rateKbps === null
}
