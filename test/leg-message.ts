/** What a relay leg puts on a socket (protocol/relay-leg.ts), written by hand. */

/** As an acknowledgement: nothing has been seen yet. */
export const NOTHING_SEEN = 0xffff_ffff

export function legFrame(seq: number, payload: Iterable<number>, ack = NOTHING_SEEN): Uint8Array {
  return Uint8Array.of(1, ...u32(seq), ...u32(ack), ...payload)
}

export function legAck(seq: number): Uint8Array {
  return Uint8Array.of(2, ...u32(seq))
}

function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}
