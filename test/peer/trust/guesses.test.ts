import * as fc from 'fast-check'
import t from 'tap'
import {
  COUNTED_MS,
  type Counted,
  CountedGuesses,
  type GuessKind,
  guessesInMemory,
  LIMITS,
  lockedUntil,
  stillCounted,
} from '../../../peer/trust/guesses.js'

/** Guesses at a time that the test sets. */
function guesses() {
  const at = { now: 1_000_000 }
  let counted: readonly Counted[] = []
  const counting = new CountedGuesses(
    change => {
      counted = change(counted)
    },
    () => at.now,
  )
  const begin = (peer: string, kind: GuessKind = 'guess', own = 'ABC') => counting.begin(kind, own, peer)
  return { at, begin, counted: () => counted }
}

t.test('ten guesses of a pair within an hour, whatever the case of the ids; then it tells until when', async t => {
  const { at, begin } = guesses()
  for (let n = 0; n < 10; n++) {
    t.equal(begin(n % 2 ? 'XYZ' : 'xyz').allowed, true)
    at.now += 1_000
  }
  t.same(begin('XYZ'), { allowed: false, retryAt: 1_000_000 + COUNTED_MS })
  t.equal(begin('other').allowed, true, 'another pair')
  t.equal(begin('XYZ', 'guess', 'DEF').allowed, true, 'another pair')
  t.equal(begin('XYZ', 'attempt').allowed, true, 'another kind')
  at.now = 1_000_000 + COUNTED_MS - 1
  t.equal(begin('XYZ').allowed, false)
  at.now++
  t.equal(begin('XYZ').allowed, true, 'one is over')
  t.same(begin('XYZ'), { allowed: false, retryAt: 1_001_000 + COUNTED_MS })
})

t.test('thirty in all, whatever the ids (7)', async t => {
  const { begin, counted } = guesses()
  for (let n = 0; n < 30; n++) t.equal(begin(`peer${n}`).allowed, true)
  for (let n = 0; n < 50; n++) t.match(begin(`new${n}`), { allowed: false, retryAt: 1_000_000 + COUNTED_MS })
  t.equal(counted().length, 30, 'what is refused takes no room')
})

t.test('a settled guess is taken back, once, and no other one with it', async t => {
  const { begin, counted } = guesses()
  begin('XYZ')
  const right = begin('XYZ')
  begin('XYZ')
  if (!right.allowed) throw new Error('refused')
  right.settle()
  right.settle()
  t.equal(counted().length, 2)
})

t.test('a settled attempt takes back all attempts of the pair, and no guess', async t => {
  const { begin, counted } = guesses()
  begin('XYZ', 'attempt')
  begin('XYZ')
  begin('other', 'attempt')
  const confirmed = begin('xyz', 'attempt')
  if (!confirmed.allowed) throw new Error('refused')
  confirmed.settle()
  t.same(
    counted().map(({ kind, peer }) => `${kind} ${peer}`),
    ['guess xyz', 'attempt other'],
  )
})

t.test('a clock that was set back locks nobody out for longer', async t => {
  const { at, begin } = guesses()
  at.now += 365 * 24 * COUNTED_MS
  for (let n = 0; n < 10; n++) begin('XYZ')
  at.now = 1_000_000
  t.same(begin('XYZ'), { allowed: false, retryAt: 1_000_000 + COUNTED_MS })
  at.now += COUNTED_MS
  t.equal(begin('XYZ').allowed, true)
})

t.test('never more than the limits within any hour, and it is allowed again when it says', async () => {
  const step = fc.record({
    waitMs: fc.nat(COUNTED_MS / 20),
    kind: fc.constantFrom<GuessKind>('guess', 'attempt'),
    peer: fc.constantFrom('anna', 'bert', 'carl', 'dora'),
    settles: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      let now = 0
      const log = guessesInMemory(() => now)
      /** Times of what was allowed and never settled. */
      const open: Counted[] = []
      for (const { waitMs, kind, peer, settles } of steps) {
        now += waitMs
        const permit = log.begin(kind, 'own', peer)
        const recent = open.filter(each => each.kind === kind && now - each.at < COUNTED_MS)
        const ofPair = recent.filter(each => each.peer === peer)
        const { pair, all } = LIMITS[kind]
        if (permit.allowed !== (ofPair.length < pair && recent.length < all)) return false
        if (!permit.allowed) {
          const next = { kind, own: 'own', peer, at: permit.retryAt ?? 0 }
          const then = stillCounted(open, next.at)
          if (next.at <= now || lockedUntil(then, next) !== null) return false
        } else if (!settles || kind === 'attempt') open.push({ kind, own: 'own', peer, at: now })
        else permit.settle()
      }
      return true
    }),
  )
})
