/** Networks, as the receiving side sees them: which block of sound comes when. Deterministic, by a seed. */
import { SeededRandom } from '../../simulation/seeded-random.js'

export interface Network {
  readonly name: string
  /** One way, ms; `jitterMs` is added or taken off, evenly spread. */
  readonly delayMs: number
  readonly jitterMs?: number
  /** Part of the packets that never come; in bursts of so many on average. */
  readonly loss?: number
  readonly burst?: number
  /** Older frames that each packet carries as well: how many frames back. */
  readonly repeats?: readonly number[]
  /** Each so many ms all stands still for so long: what would have come meanwhile comes at its end. */
  readonly stallEveryMs?: number
  readonly stallMs?: number
  /** How much faster than the speaker's the other side's clock is, in millionths. */
  readonly ppm?: number
}

export interface Block {
  readonly ms: number
  readonly at: number
}

/** The networks for which the playout delay is judged. */
export const NETWORKS = [
  { name: 'clean', delayMs: 1 },
  { name: '40 ms', delayMs: 40 },
  { name: '40 +-10 ms, 5 % lost, repeated 1 back', delayMs: 40, jitterMs: 10, loss: 0.05, repeats: [1] },
  { name: '40 ms, 20 % lost, repeated 1 and 2 back', delayMs: 40, loss: 0.2, repeats: [1, 2] },
  { name: '40 ms, 10 % lost in bursts of 3, repeated 1 and 2 back', delayMs: 40, loss: 0.1, burst: 3, repeats: [1, 2] },
] as const satisfies readonly Network[]

/** All blocks of `frames` frames, in the order in which they come. */
export function blocksOver(network: Network, frames: number, seed = 1): Block[] {
  const { delayMs, jitterMs = 0, loss = 0, burst = 1, repeats = [], stallEveryMs, stallMs = 0, ppm = 0 } = network
  const random = new SeededRandom(seed)
  const blocks: Block[] = []
  // A chain of two states: with bursts of 1 each packet is lost by itself.
  let lost = false
  const [begins, goesOn] = burst > 1 ? [loss / (1 - loss) / burst, 1 - 1 / burst] : [loss, loss]
  for (let at = 0; at < frames; at++) {
    lost = random.chance(lost ? goesOn : begins)
    let ms = (at * 20) / (1 + ppm / 1e6) + delayMs + random.between(-jitterMs, jitterMs)
    if (stallEveryMs) {
      const into = ms % stallEveryMs
      if (ms > stallEveryMs && into < stallMs) ms += stallMs - into
    }
    if (lost) continue
    // Oldest first, as the receiver hands them on.
    for (const back of [...repeats].reverse()) if (at >= back) blocks.push({ ms, at: at - back })
    blocks.push({ ms, at })
  }
  return blocks.map((block, i) => ({ ...block, i })).sort((a, b) => a.ms - b.ms || a.i - b.i)
}
