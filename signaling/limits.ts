/** How much of everything one server takes. An address is an IPv4 address or an IPv6 /64. */
export interface Limits {
  /** Sockets in all, and from one address. */
  readonly sockets: number
  readonly socketsPerAddress: number
  /** Login attempts from one address, and logins of one id with one key, a minute. */
  readonly loginsPerAddressPerMinute: number
  readonly loginsPerIdPerMinute: number
  /** Names never seen before, from one address, an hour: against squatting. */
  readonly newNamesPerAddressPerHour: number
  /** Names remembered. */
  readonly names: number
  /** Calls of the echo at once, how long one may last, ms, and how many one address may ask for a minute. */
  readonly echoCalls: number
  readonly echoCallMs: number
  readonly echoesPerAddressPerMinute: number
  /** Text messages of one connection: a token bucket. More closes it (`tooManyMessages`). */
  readonly messagesPerSecond: number
  readonly messageBurst: number
  /** Binary messages of one connection, and their bytes: token buckets. More closes it (`flood`). */
  readonly framesPerSecond: number
  readonly frameBurst: number
  readonly frameBytesPerSecond: number
  readonly frameBytesBurst: number
  /** Protocol errors of one connection; one is forgiven every 10 s. More closes it (`tooManyErrors`). */
  readonly errors: number
  /** Bytes that a socket may hold back before it counts as `stuck`. */
  readonly bufferedBytes: number
  /** A login must come within this, ms (`slow`). */
  readonly loginMs: number
  /** An older program with the same key is pinged and has this long to answer, ms. */
  readonly elsewhereMs: number
  /** Ping period, ms, and how many may go unanswered (`lost`). */
  readonly pingMs: number
  readonly pingMisses: number
  /** How long a closing handshake may take, ms. */
  readonly closeMs: number
  /** A peer that knows that its call is over may still send relay frames for this long, ms. */
  readonly afterCallMs: number
  /** How long TURN credentials are good for, ms, an hour at most; at half of it a peer gets new ones. */
  readonly turnCredentialMs: number
}

export const defaultLimits: Limits = {
  sockets: 20_000,
  socketsPerAddress: 64,
  loginsPerAddressPerMinute: 120,
  loginsPerIdPerMinute: 30,
  newNamesPerAddressPerHour: 300,
  names: 100_000,
  echoCalls: 8,
  echoCallMs: 60_000,
  echoesPerAddressPerMinute: 6,
  messagesPerSecond: 20,
  messageBurst: 60,
  framesPerSecond: 150,
  frameBurst: 300,
  frameBytesPerSecond: 64 * 1024,
  frameBytesBurst: 128 * 1024,
  errors: 20,
  bufferedBytes: 128 * 1024,
  loginMs: 5000,
  elsewhereMs: 1000,
  pingMs: 5000,
  pingMisses: 2,
  closeMs: 2000,
  afterCallMs: 5000,
  turnCredentialMs: 3_600_000,
}
