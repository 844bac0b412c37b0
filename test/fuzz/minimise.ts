/** Makes an input that does something smaller, as long as it still does. */

const ENOUGH_TRIES = 2_000
const PLAIN = 0x30

/**
 * Takes pieces out, large ones first, then makes bytes plain. `stillDoes` says whether a candidate does it too; it is asked at most
 * `tries` times.
 */
export async function minimise(
  input: Uint8Array,
  stillDoes: (candidate: Uint8Array) => boolean | Promise<boolean>,
  tries: number = ENOUGH_TRIES,
): Promise<Uint8Array> {
  // A copy, and no Buffer: a Buffer's slice() is a view.
  let best: Uint8Array = new Uint8Array(input)
  let left = tries
  const attempt = async (candidate: Uint8Array): Promise<boolean> => {
    if (left-- <= 0 || !(await stillDoes(candidate))) return false
    best = candidate
    return true
  }
  for (let size = best.length; size >= 1 && left > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length && left > 0; ) {
      const without = new Uint8Array(best.length - Math.min(size, best.length - at))
      without.set(best.subarray(0, at))
      without.set(best.subarray(at + size), at)
      if (!(await attempt(without))) at += size
    }
  }
  for (let at = 0; at < best.length && left > 0; at++) {
    if (best[at] === PLAIN) continue
    const plainer = best.slice()
    plainer[at] = PLAIN
    await attempt(plainer)
  }
  return best
}
