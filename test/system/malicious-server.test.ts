/**
 * Two real programs over a server that does what it can (test/attacks/tricks). ABC speaks and XYZ says nothing: so what ABC plays must be
 * silence, whatever is sent back to it, and what XYZ plays must be what ABC said.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { only } from '../lab/event.js'
import { Lab, type Peer } from '../lab/lab.js'
import { judge } from '../measure/hearing.js'
import { endOf, looped } from '../measure/sound.js'
import { readWav, writeWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { describeCrowding, watchCrowding } from './crowding.js'
import { LATE_MS } from './steadily.js'
import { loudest, sleep } from './whole-call.js'

const SCRIPT = fileURLToPath(new URL('../attacks/malicious-server-main.js', import.meta.url))
const PASSWORD = 'seven quiet crossovers'
const SPEECH = speechPath('congratulations')
/** So long both sides get for what they are asked, ms: an agreement that hangs takes 10 s, a call that falls silent 30. */
const PATIENCE_MS = 60_000
/** Opus makes of silence no more than this. */
const SILENCE = 0.01

interface Case {
  readonly trick: 'swap' | 'drop' | 'replay' | 'reflect' | 'delay' | 'inject'
  readonly seed: number
  readonly what: string
  readonly password?: string | null
  /** What the server has to have done, so that the case says something. */
  readonly did: RegExp
}

function labOf(t: Test): Lab {
  const lab = new Lab()
  t.teardown(() => lab.close())
  return lab
}

/** Two who meet at a malicious server. */
async function meet(t: Test, { trick, seed, password = PASSWORD, did }: Case, lab = labOf(t)) {
  const server = lab.program(SCRIPT, ['--do', trick, '--seed', `${seed}`], {
    name: `server that does ${trick} ${seed}`,
  })
  const { url } = await server.event(event => event.event === 'listening', 60_000)
  const silence = lab.path('silence.wav')
  writeWav(silence, { rate: 48_000, samples: new Float32Array(48_000) })
  const secret = lab.path('password')
  if (password !== null) writeFileSync(secret, password, { mode: 0o600 })
  const person = (id: string, to: string, mic: string) => {
    const heard = lab.path(`${id}.wav`)
    const who = `--id ${id} --to ${to} --server ${url} --route relay --wait 20 --json --verbose`.split(' ')
    const devices = ['--mic', `file:${mic}`, '--speaker', `file:${heard}`]
    const peer = lab.peer([...who, ...devices, ...(password === null ? [] : ['--password-file', secret])], {
      name: id,
      home: id,
    })
    return { id, heard, peer }
  }
  const [a, b] = [person('ABC', 'XYZ', SPEECH), person('XYZ', 'ABC', silence)]
  const done = () => server.events.filter(({ event }) => event === 'did').map(({ what }) => String(what))
  return { a, b, sides: [a, b], server, done, check: () => t.match(done().join('; '), did, 'the server did it') }
}

const talks = (peer: Peer) =>
  peer.event(event => event.event === 'state' && event.state === 'talking' && event.route === 'relay', PATIENCE_MS)

/** Both have ended; with which codes. */
async function ends(t: Test, sides: readonly { peer: Peer }[]): Promise<(number | null)[]> {
  const exits = await Promise.all(sides.map(({ peer }) => peer.exit(PATIENCE_MS)))
  for (const { peer } of sides) {
    t.notMatch(peer.stderr, /\n\s+at .*\.js/, 'no stack trace')
    t.same(
      only('error', peer.events).filter(({ name }) => name === 'crash'),
      [],
    )
  }
  return exits.map(({ code }) => code)
}

const nothingFrom = (t: Test, { id, heard }: { id: string; heard: string }) => {
  const level = loudest(heard)
  t.ok(level === null || level < SILENCE, `${id} played ${level === null ? 'nothing' : `at most ${level}`}`)
}

/** How well XYZ has to hear ABC, as STOI. `badly`: frames are lost or late; `not`: there is nothing to hear. */
const HEARS = { well: 0.6, badly: 0.1, not: null } as const

/** They talk, hear each other and nobody else, are verified, and hang up. */
function livesThrough(one: Case, hears: keyof typeof HEARS = 'well'): void {
  t.test(`lives through ${one.trick} ${one.seed}: ${one.what}`, { timeout: 180_000 }, async t => {
    const { a, b, sides, check } = await meet(t, one)
    await Promise.all(sides.map(({ peer }) => talks(peer)))
    const watch = watchCrowding(sides.map(({ peer }) => peer.pid))
    await sleep(4_000)
    const crowding = watch.stop()
    a.peer.send({ do: 'hangup' })
    t.same(await ends(t, sides), [0, 0])
    check()
    for (const { peer } of sides) t.match(only('verify', peer.events), [{ how: 'password', verified: true }])
    nothingFrom(t, a)
    const least = HEARS[hears]
    if (least === null) return nothingFrom(t, b)
    const [speaks] = only('devices', a.peer.events)
    const [listens] = only('devices', b.peer.events)
    if (!speaks || !listens) return t.fail('no devices')
    const heard = { ...readWav(b.heard), startedAt: listens.speaker.startedAt }
    const said = looped({ ...readWav(SPEECH), startedAt: speaks.microphone.startedAt }, endOf(heard))
    const { stoi, ms } = judge(said, heard, 3_000)
    const what = `XYZ hears ABC, and nobody else: ${ms.toFixed(0)} ms, STOI ${stoi.toFixed(3)}`
    // A machine that is late itself plays no voice in real time.
    const skip = !(stoi > least) && crowding.lateMs >= LATE_MS && describeCrowding(crowding)
    if (skip) t.pass(what, { skip })
    else t.ok(stoi > least, what)
  })
}

/** They never talk: each ends with one of these codes, verified nobody and played nothing. */
function endsUnder(one: Case, ...codes: number[]): void {
  t.test(`ends under ${one.trick} ${one.seed}: ${one.what}`, { timeout: 180_000 }, async t => {
    const { sides, check } = await meet(t, one)
    for (const code of await ends(t, sides)) t.ok(codes.includes(code ?? -1), `exit code ${code}`)
    check()
    for (const side of sides) {
      // Side b has verified side a, truly, before it sends M4.
      if (one.what !== 'M4')
        t.same(
          only('verify', side.peer.events).filter(({ verified }) => verified),
          [],
          'nobody was verified',
        )
      nothingFrom(t, side)
    }
  })
}

t.jobs = 3
t.setTimeout(600_000)

endsUnder(
  { trick: 'swap', seed: 0, what: 'agrees with each side itself, without the password', did: /^stood between them$/ },
  5,
)
endsUnder({ trick: 'swap', seed: 1, what: 'its own key in the place of theirs', did: /swapped the key in M2/ }, 5)
endsUnder(
  { trick: 'swap', seed: 1, what: 'the same, where they compare a code', password: null, did: /swapped the key/ },
  5,
)
endsUnder({ trick: 'swap', seed: 2, what: 'ids', did: /swapped the ids in M1/ }, 5)

t.test('is told by the codes under swap 0: agrees with each side itself, and carries what they say', async t => {
  const one: Case = { trick: 'swap', seed: 0, what: '', password: null, did: /agreed with/ }
  const { a, b, sides, check } = await meet(t, one)
  await Promise.all(sides.map(({ peer }) => talks(peer)))
  await sleep(2_000)
  a.peer.send({ do: 'hangup' })
  t.same(await ends(t, sides), [0, 0])
  check()
  const [left, right] = sides.map(({ peer }) => only('verify', peer.events))
  t.match([...left!, ...right!], [{ verified: false }, { verified: false }], 'nobody is verified')
  t.not(left![0]?.code, right![0]?.code, 'the codes differ')
  nothingFrom(t, a)
  t.ok((loudest(b.heard) ?? 0) > 0.1, 'it works as a call, which is why the codes are compared')
})

t.test('is told by the known key under swap 0: once verified, nobody else is it', async t => {
  const lab = labOf(t)
  const first = await meet(t, { trick: 'drop', seed: 6, what: '', did: /dropped ice/ }, lab)
  await Promise.all(first.sides.map(({ peer }) => talks(peer)))
  first.a.peer.send({ do: 'hangup' })
  t.same(await ends(t, first.sides), [0, 0])
  const second = await meet(t, { trick: 'swap', seed: 0, what: '', password: null, did: /^stood between them$/ }, lab)
  for (const code of await ends(t, second.sides)) t.equal(code, 5)
  const said = second.sides.map(({ peer }) => only('error', peer.events).at(-1)?.message).join('; ')
  t.match(
    said,
    /has another key than the one that you know/,
    'who sees it first says so, and the other hears that it failed',
  )
  second.check()
})

for (const [seed, flight] of ['M1', 'M2', 'M3', 'M4'].entries())
  endsUnder({ trick: 'drop', seed, what: flight, did: new RegExp(`dropped ${flight}`) }, 5, 6)
livesThrough({ trick: 'drop', seed: 4, what: 'a third of the frames', did: /dropped a third/ }, 'badly')
livesThrough({ trick: 'drop', seed: 5, what: 'acknowledgements', did: /dropped ack/ }, 'badly')
livesThrough({ trick: 'drop', seed: 6, what: 'what helps to a direct route', did: /dropped ice/ })
endsUnder({ trick: 'drop', seed: 7, what: 'that they are matched', did: /dropped matched/ }, 8)
livesThrough({ trick: 'drop', seed: 9, what: 'that one leaves', did: /dropped leave/ })

livesThrough({ trick: 'replay', seed: 0, what: 'flights', did: /said a flight again/ })
livesThrough({ trick: 'replay', seed: 1, what: 'frames', did: /said frames again/ })
livesThrough({ trick: 'replay', seed: 2, what: 'what the server told', did: /told old news/ })
livesThrough({ trick: 'replay', seed: 3, what: 'logins', did: /said a login again.*refused: badLogin/ })

endsUnder({ trick: 'reflect', seed: 0, what: 'flights, beside the true ones', did: /sent flights back/ }, 5)
endsUnder({ trick: 'reflect', seed: 1, what: 'flights, in place of the true ones', did: /sent flights back/ }, 5)
livesThrough({ trick: 'reflect', seed: 2, what: 'frames, beside the true ones', did: /sent frames back/ }, 'badly')
livesThrough({ trick: 'reflect', seed: 3, what: 'frames, in place of the true ones', did: /sent frames back/ }, 'not')

livesThrough({ trick: 'delay', seed: 0, what: 'frames, which overtake each other', did: /delayed frames/ }, 'badly')
livesThrough({ trick: 'delay', seed: 1, what: 'flights, by seconds', did: /delayed flights/ })
livesThrough({ trick: 'delay', seed: 2, what: 'what is said to the server', did: /delayed what/ })

livesThrough({
  trick: 'inject',
  seed: 0,
  what: 'that the other side left, is away or busy',
  did: /lied about the call/,
})
livesThrough({ trick: 'inject', seed: 1, what: 'frames: random, of future epochs, of any size', did: /made up frames/ })
livesThrough({ trick: 'inject', seed: 2, what: 'messages without sense', did: /talked nonsense/ })
livesThrough({ trick: 'inject', seed: 3, what: 'a flood of frames', did: /flooded/ }, 'badly')
livesThrough({ trick: 'inject', seed: 4, what: 'a message of a megabyte', did: /too much at once/ }, 'badly')

t.test('does not outlive inject 5: that there is another call, in the middle of one', async t => {
  const { a, sides, check } = await meet(t, { trick: 'inject', seed: 5, what: '', did: /called a new call/ })
  for (const code of await ends(t, sides)) t.ok([0, 5, 6].includes(code ?? -1), `exit code ${code}`)
  check()
  nothingFrom(t, a)
})

t.test('obeys nothing under inject 6: words that a terminal would obey', async t => {
  const lab = labOf(t)
  const server = lab.program(SCRIPT, ['--do', 'inject', '--seed', '6'], { name: 'server that paints' })
  const { url } = await server.event(event => event.event === 'listening', 60_000)
  const devices = ['--mic', 'none', '--speaker', 'none']
  const peer = lab.peer(['--id', 'ABC', '--to', 'XYZ', '--server', `${url}`, '--wait', '3', ...devices], {
    name: 'ABC',
  })
  t.equal((await peer.exit(20_000)).code, 8)
  const said = [...peer.strays, peer.stderr].join('\n')
  const times = said.split('Verified').length - 1
  t.ok(times > 0 && times <= 20, `the words of the server were shown, ${times} of 500 times`)
  t.notMatch(said.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u)
})
