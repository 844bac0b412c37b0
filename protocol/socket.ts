/**
 * A message socket as both ends see it: a websocket in the programs, a virtual stream in the simulated world.
 * Text carries signaling (JSON), binary carries relay legs. Ordered and reliable until it closes.
 */
export interface Socket {
  send(data: string | Uint8Array): void
  /** Starts closing; `onClose` follows. `code` and `reason` as in RFC 6455, section 7.4. */
  close(code?: number, reason?: string): void
  /** Drops the connection at once, without a closing handshake; `onClose` follows. */
  terminate(): void
  /**
   * Someone waits for what was sent last. TCP takes 200 ms and more to see that the last it sent was lost, and a round trip where
   * something follows: this lets something follow. Absent: nothing is to be gained.
   */
  chase?(): void
  /** Set by the owner before the first turn of the event loop ends. */
  onMessage: (data: string | Uint8Array) => void
  /** Called exactly once. `code` 1006 means that it broke. */
  onClose: (code: number, reason: string) => void
}
