/** Who is known, from call to call: real programs, a real server, and what they keep on disk. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { GuessFile } from '../../peer/trust/guess-file.js'
import { only } from '../lab/event.js'
import { Lab } from '../lab/lab.js'
import { loudest, type Side, type SideOptions, WholeCall } from './whole-call.js'

const BY_CODE = { a: { password: null }, b: { password: null } }

/** A command beside a call, in someone's home. */
async function command(lab: Lab, home: string, ...args: string[]) {
  const program = lab.peer(args, { home })
  const { code } = await program.exit(20_000)
  return { code, said: program.strays.join('\n'), events: program.events as unknown[], stderr: program.stderr }
}

let calls = 0

/** Both call again, each with its home of before. */
function again(call: WholeCall, a: SideOptions = {}, b: SideOptions = {}): [Side, Side] {
  calls++
  return [
    call.side('ABC', 'XYZ', 'congratulations', { name: `ABC-${calls}`, ...a }),
    call.side('XYZ', 'ABC', 'no-connection', { name: `XYZ-${calls}`, ...b }),
  ]
}

const verified = ({ peer }: Side) => peer.event(({ event }) => event === 'verify', 30_000)

async function hangUp(...sides: Side[]): Promise<(number | null)[]> {
  sides[0]?.peer.send({ do: 'hangup' })
  return Promise.all(sides.map(async ({ peer }) => (await peer.exit(15_000)).code))
}

/** Ended as unverified, with nothing of the other side played; what it said. */
async function distrusts(t: Test, { id, peer, heard }: Side): Promise<string> {
  t.equal((await peer.exit(30_000)).code, 5, `${id} ends with 5`)
  t.same(only('verify', peer.events), [], `${id} takes nobody for verified`)
  t.notOk(only('state', peer.events).some(({ state }) => state === 'talking'))
  t.ok((loudest(heard) ?? 0) === 0, `${id} played nothing`)
  const error = only('error', peer.events).find(({ name }) => name === 'unverified')
  t.notMatch(peer.stderr, /\n\s+at /, 'no stack trace')
  return `${error?.message} ${error?.hint}`
}

t.test('one whose code was confirmed is known next time; another key is a hard stop until it is forgotten', async t => {
  const call = await WholeCall.start(t, BY_CODE)
  const { lab } = call
  t.match(await verified(call.a), { how: 'code', verified: false })
  await verified(call.b)
  for (const { peer } of [call.a, call.b]) {
    peer.send({ do: 'confirm' })
    t.match(await peer.event(({ event, ...rest }) => event === 'verify' && 'verified' in rest && rest.verified), {
      how: 'code',
    })
  }
  t.same(await hangUp(call.a, call.b), [0, 0])
  t.match((await command(lab, 'home-ABC', 'contacts')).said, /^ID .*\nXYZ +\d+ \w+ \d{4} +code +([A-Z2-7]{4}-){12}/)

  const known = again(call, { password: null }, { password: null })
  for (const side of known) {
    const verify = await verified(side)
    t.match(verify, { how: 'pinned', verified: true })
    t.ok('since' in verify && typeof verify.since === 'number' && verify.since <= Date.now())
  }
  t.same(await hangUp(...known), [0, 0])

  // On a server that knows neither: who lost its key could not come back to its id at the old one.
  const other = { url: (await lab.server()).url, password: null }
  rmSync(lab.path('home-XYZ'), { recursive: true })
  const [stops, changed] = again(call, other, other)
  const said = await distrusts(t, stops)
  t.match(said, /XYZ has another key than the one that you know since .* new machine .* pretends to be XYZ/)
  t.match(said, /voicechat-peer contacts forget XYZ/)
  const [before, now] = [...said.matchAll(/([A-Z2-7]{4}-){12}[A-Z2-7]{4}/g)].map(([fingerprint]) => fingerprint)
  t.match((await command(lab, 'home-ABC', 'contacts')).said, before, 'the pin stays')
  t.match((await command(lab, 'home-XYZ', 'identity')).said, now, 'which the other side can read out')
  t.comment(said)
  t.comment(await distrusts(t, changed))

  t.match(await command(lab, 'home-ABC', 'contacts', 'forget', 'xyy'), { code: 2, stderr: /Did you mean "XYZ"/ })
  t.match(await command(lab, 'home-ABC', 'contacts', 'forget', 'xyz'), { code: 0, said: /Forgot/ })
  const anew = again(call, other, other)
  for (const side of anew) t.match(await verified(side), { how: 'code', verified: false })
  t.same(await hangUp(...anew), [0, 0])
})

t.test('a password makes known; who takes the identity along stays known', async t => {
  const call = await WholeCall.start(t)
  const { lab } = call
  for (const side of [call.a, call.b]) t.match(await verified(side), { how: 'password', verified: true })
  t.same(await hangUp(call.a, call.b), [0, 0])
  const key = lab.path('key.json')
  t.match(await command(lab, 'home-XYZ', 'identity', 'export', key), { code: 0, said: /can pose as you/ })
  t.equal(statSync(key).mode & 0o777, 0o600)
  t.match(await command(lab, 'home-XYZ', 'identity', 'export', key), { code: 2, stderr: /is there already/ })
  t.match(await command(lab, 'new-XYZ', 'identity'), { code: 0 })
  t.match(await command(lab, 'new-XYZ', 'identity', 'import', key), { code: 2, stderr: /another identity/ })
  t.match(await command(lab, 'new-XYZ', 'identity', 'import', key, '--replace'), { code: 0, said: /is kept in/ })
  t.match(readdirSync(join(lab.path('new-XYZ'), 'voicechat')).sort(), [
    'identity.json',
    /^identity\.json\.replaced-\d+$/,
  ])
  const [a, b] = again(call, { password: null }, { password: null, home: 'new-XYZ' })
  t.match(await verified(a), { how: 'pinned', verified: true })
  t.match(await verified(b), { how: 'code', verified: false }, 'contacts were not taken along')
  t.same(await hangUp(a, b), [0, 0])
})

t.test('ten wrong passwords lock, from program to program, until they are taken back', async t => {
  const wrong = { password: 'seven loud crossroads' }
  const call = await WholeCall.start(t, { b: wrong })
  const { lab } = call
  const files = ['home-ABC', 'home-XYZ'].map(home => new GuessFile(join(lab.path(home), 'voicechat')))
  for (const side of [call.a, call.b]) t.notMatch(await distrusts(t, side), /too many/)
  for (const file of files) t.match(file.list(), [{ kind: 'guess' }], 'one wrong password each')
  // Eight more, as eight programs would count them; then the tenth.
  for (let n = 0; n < 8; n++) {
    files[0]?.begin('guess', 'ABC', 'XYZ')
    files[1]?.begin('guess', 'XYZ', 'ABC')
  }
  for (const side of again(call, {}, wrong)) t.notMatch(await distrusts(t, side), /too many/)
  const [a, b] = again(call)
  const said = await distrusts(t, a)
  t.match(said, /too many tries .* with XYZ .* allowed at \d\d:\d\d.* voicechat-peer contacts unlock XYZ/)
  await distrusts(t, b)
  t.comment(said)
  t.match(await command(lab, 'home-ABC', 'contacts', 'unlock', 'XYZ'), { code: 0, said: /Took back 10 tries/ })
  t.match(await command(lab, 'home-XYZ', 'contacts', 'unlock', 'ABC'), { code: 0, said: /Took back 10 tries/ })
  const free = again(call)
  for (const side of free) t.match(await verified(side), { how: 'password', verified: true })
  t.same(await hangUp(...free), [0, 0])
  for (const file of files) t.same(file.list(), [], 'a right one is taken back')
})

t.test('damaged contacts or guesses stop the program before anything is started, and stay', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const folder = join(lab.path('home'), 'voicechat')
  mkdirSync(folder, { recursive: true })
  for (const name of ['contacts.json', 'guesses.json']) {
    const path = join(folder, name)
    writeFileSync(path, '{"version":1,"con')
    const ended = await command(lab, 'home', '--id', 'ABC', '--to', 'XYZ', '--mic', 'tone', '--speaker', 'none')
    t.equal(ended.code, 2)
    t.match(ended.stderr, new RegExp(`${path} is damaged: .*left as it is\\..*ove it away`))
    t.equal(readFileSync(path, 'utf8'), '{"version":1,"con')
    rmSync(path)
  }
})
