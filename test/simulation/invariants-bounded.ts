/** Queues and maps stay bounded, at all times: those of each program and those of the server. */
import type { Invariant } from './invariants.js'
import { isRunning } from './play-program.js'

/** Looked at with every so many-th message on the wire: about each second. */
const EACH = 192

/**
 * The most of each that a program may have. Sockets: one in use, one beside it. The relay's queue holds 10. Two rings of 63 packets.
 * Pieces: 512 wait at most; 16 come early, and one message of 8 KiB is put together. 8 names of frames that were refused.
 * Timers: the statechart's, two devices', and those of one direct connection with 16 endpoints.
 */
const OF_A_PROGRAM: Readonly<Record<string, number>> = {
  sockets: 2,
  relayQueue: 10,
  orderedWaiting: 512,
  orderedKept: 16 + 108,
  problems: 8,
  streams: 4,
  signalsHeld: 64,
  captureRing: 63,
  playoutRing: 63,
  // Ring and jitter buffer: neither fills while the speaker plays; a process that stood still finds what came meanwhile.
  playoutMs: 63 * 20 + 10_000,
  timers: 64,
}

/** The most that the server may have for each socket or program of this world. */
const OF_THE_SERVER: Readonly<Record<string, (sockets: number, programs: number) => number>> = {
  sockets: (_, programs) => 8 * programs,
  // One more while a socket is being taken.
  addresses: sockets => sockets + 1,
  online: (_, programs) => programs,
  sessions: (_, programs) => programs,
  named: () => 8,
  effects: () => 32,
  names: (_, programs) => programs,
  rendezvous: (_, programs) => programs,
  // None is set.
  quotas: () => 0,
  relayQueue: () => 10,
  probes: (_, programs) => 4 * programs,
}

export const bounded: Invariant = {
  name: 'bounded',
  watch: ({ programs, world }, broken) => {
    const look = () => {
      for (const program of programs) {
        if (!isRunning(program)) continue
        const { host, peer } = program.person
        const found = excess({ ...peer.backlog, timers: host.clock.pending }, what => OF_A_PROGRAM[what])
        if (found) broken(`${program.name} has ${found}`)
      }
      const { hub } = world.server
      if (!hub) return
      const { backlog } = hub
      const most = (what: string) => OF_THE_SERVER[what]?.(backlog.sockets ?? 0, programs.length)
      const found = excess(backlog, most)
      if (found) broken(`the server has ${found}`)
    }
    let messages = 0
    return {
      wire() {
        if (++messages % EACH === 0) look()
      },
      look,
      check: look,
    }
  },
}

/** The first that is more than it may be, in words. What nobody has set a bound for is too much. */
function excess(backlog: Readonly<Record<string, number>>, most: (what: string) => number | undefined): string | null {
  for (const what in backlog) {
    const [count = 0, bound = -1] = [backlog[what], most(what)]
    if (!(count <= bound)) return `${what} ${count}, which is more than ${bound}`
  }
  return null
}
