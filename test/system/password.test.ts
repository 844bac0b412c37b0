import t, { type Test } from 'tap'
import { only } from '../lab/event.js'
import { loudest, type SideOptions, WholeCall } from './whole-call.js'

/** Both sides end as unverified, and say why; nothing was played. Returns what A and B said. */
async function failedCall(t: Test, a: SideOptions, b: SideOptions): Promise<string[]> {
  const call = await WholeCall.start(t, { a, b })
  const sides = [call.a, call.b]
  const exits = await Promise.all(sides.map(({ peer }) => peer.exit(30_000)))
  t.same(
    exits.map(({ code }) => code),
    [5, 5],
  )
  return sides.map(({ id, heard, peer }) => {
    const played = loudest(heard)
    t.ok(played === null || played === 0, `${id} played ${played === null ? 'nothing' : 'silence'}`)
    t.same(only('verify', peer.events), [], `${id} shows no code to compare`)
    t.notOk(only('state', peer.events).some(({ state }) => state === 'talking'))
    t.match(only('state', peer.events).at(-1), { state: 'ended', reason: 'unverified' })
    const [error] = only('error', peer.events)
    t.match(error, { name: 'unverified' })
    t.notMatch(peer.stderr, /\n\s+at /, 'no stack trace')
    t.comment(`${id}: ${error?.message} ${error?.hint}`)
    return `${error?.message} ${error?.hint}`
  })
}

t.test('ends both sides with code 5 and a sentence when the passwords differ', async t => {
  for (const said of await failedCall(t, {}, { password: 'seven quiet crossroads' }))
    t.match(said, /passwords? differ/i)
})

t.test('ends both sides with code 5 and says so when only one gave a password', async t => {
  for (const said of await failedCall(t, {}, { password: null })) t.match(said, /gave a password, .* gave none/)
})
