/** Whom to attack. Attackers come from loopback's many addresses: the limits of one address count each. */
export interface Target {
  readonly port: number
  readonly url: string
}

/** An attack that goes on until it is stopped. */
export interface Attack {
  stop(): void
  /** Resolves when all of it has begun; at once if not given. */
  readonly begun?: Promise<void>
}

/** Starts one; it counts what becomes of its attempts by name. */
export type StartAttack = (target: Target, counts: Counts) => Attack

/** How often what happened. */
export class Counts {
  readonly all: Record<string, number> = {}

  add(name: string, count = 1): void {
    this.all[name] = (this.all[name] ?? 0) + count
  }
}

/** The nth address of those that attack number `attack` has for itself. */
export function addressOf(attack: number, n = 0): string {
  return `127.${10 + attack}.${Math.floor(n / 250)}.${1 + (n % 250)}`
}

/** Calls `act` so many times a second, in steps of 20 ms, whatever becomes of it. */
export function steadily(perSecond: number, act: () => void): Attack {
  const start = performance.now()
  let done = 0
  const timer = setInterval(() => {
    for (const due = ((performance.now() - start) * perSecond) / 1000; done < due; done++) act()
  }, 20)
  return { stop: () => clearInterval(timer) }
}

/** The same, with no more than `most` under way: `act` calls `ended` once for each. An attacker has only so many sockets. */
export function steadilyAtMost(most: number, perSecond: number, act: (ended: () => void) => void): Attack {
  let open = 0
  return steadily(perSecond, () => {
    if (open >= most) return
    open++
    act(() => open--)
  })
}

/** Keeps so many things open: each that ends is opened anew after a moment. `open` calls `ended` once. */
const AGAIN_MS = 500
export function keepOpen(count: number, open: (n: number, ended: () => void) => { destroy(): void }): Attack {
  const held = new Map<number, { destroy(): void }>()
  let stopped = false
  let started = 0
  const begin = (n: number) => {
    if (stopped) return
    held.set(
      n,
      open(n, () => {
        held.delete(n)
        if (!stopped) setTimeout(() => begin(n), AGAIN_MS * (0.5 + Math.random()))
      }),
    )
  }
  let allBegun = () => {}
  const begun = new Promise<void>(resolve => {
    allBegun = resolve
  })
  // Not all in one turn: this machine's own queue of new connections is short.
  const starting = steadily(2000, () => {
    if (started < count) begin(started++)
    else allBegun()
  })
  return {
    begun,
    stop: () => {
      stopped = true
      starting.stop()
      for (const one of held.values()) one.destroy()
    },
  }
}
