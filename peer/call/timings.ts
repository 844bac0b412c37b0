/** Every time limit of the call, ms. Nothing outside the statechart decides by time. */
export const TIMINGS = {
  /** From dialling to being logged in. */
  hello: 5_000,
  /** The same while others are known and were not tried yet: on a machine that is gone nobody says so. */
  helloOfSeveral: 2_000,
  /** The first connect is tried for so long. */
  firstConnect: 10_000,
  /** A lost server is looked for this long while nobody talks, unless it announced a restart. */
  serverGone: 60_000,
  /** Pauses before each further attempt to connect; the last repeats. From the third on they vary by a fifth. */
  backoff: [0, 300, 1_200, 2_700, 4_800, 7_000],
  ping: 5_000,
  /** An unanswered ping is repeated after this; the second miss loses the link. */
  pong: 5_000,
  /** A server in doubt has so long to answer before it is dialled anew: a healthy link is not given up for a new one. */
  asking: 150,

  agreeing: 10_000,

  /** A direct attempt that has not opened by then has failed. */
  directOpening: 15_000,
  directProving: 5_000,
  /** Where direct alone is wanted, an attempt that failed early is made again after this. */
  raceAgain: 1_000,
  /** Pauses between direct attempts while relayed: the first, the next for 10 minutes, and after those. */
  directRetryFirst: 5_000,
  directRetry: 20_000,
  directRetryLate: 60_000,
  directRetriesBeforeLate: 30,
  /** A direct route that lasts so long makes the next pause short again. */
  directStable: 30_000,
  /** Nothing on the trusted direct route for this long: doubt it. About 110 ms after the last frame (session/heard-filter.ts). */
  doubt: 130,
  /** Nothing on the doubted route for this long: leave it. */
  doubtful: 400,
  /** Heard on again for this long without a new doubt: trust it again. */
  regaining: 300,

  /** The first sealed packet may take this long after the keys are agreed. */
  firstHeard: 3_000,
  /** Nothing on any route: the call is severed. */
  quiet: 400,
  /** While it stays so, the server is asked again so often. */
  stillQuiet: 5_000,
  /** The server's word that the other side left is remembered so long; what is still heard by then proves it wrong. */
  leftHint: 2_000,
  /** From severed to telling the person. */
  silent: 600,
  /** From severed to the end of the call. */
  vanished: 30_000,

  byeAgain: 300,
  ending: 2_000,
} as const
