/** protocol/ and peer/call/, bundled for a browser as they are: Chromium and Node agree on keys and open each other's frames. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { HandshakeStep, Packet, VoicePacket } from '../../protocol/index.js'
import { BrowserEnd } from '../browser/browser-end.js'
import { type CallNow, type CallOf, End } from '../browser/end.js'
import { bundle } from '../lab/bundle.js'

t.setTimeout(120_000)

const dist = new URL('../../', import.meta.url)
/** All but what is Node's alone, by its name. */
const modulesIn = (folder: string) =>
  readdirSync(new URL(folder, dist), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.js') && !/(^|\/)node-/.test(name))
    .map(name => new URL(`${folder}/${name}`, dist))

const browser = await BrowserEnd.open().catch((error: Error) => error.message)
const skip = typeof browser === 'string' ? browser : false
if (skip) t.comment(`skipped: ${skip}`)
t.teardown(async () => {
  if (typeof browser !== 'string') await browser.stop()
})
const page = browser as BrowserEnd

const CALL = 'AAECAwQFBgcICQoLDA0ODw'
const FRAMES_PER_EPOCH = 50
const call = (ownId: string, peerId: string, password: string | null): CallOf => ({
  ownId,
  peerId,
  callId: CALL,
  password,
})
const voice = (at: number): VoicePacket => ({ kind: 'voice', blocks: [{ at, opus: new Uint8Array(80).fill(at) }] })

/** The same questions for an end here and for the one in the page. */
interface Asked {
  ask: BrowserEnd['ask']
}
const inNode = (): Asked => {
  const end = new End()
  return { ask: async question => end.answer(question) }
}

/** Passes flights on until nobody sends any more; the last step of each side. */
async function agree(ends: readonly [Asked, Asked], passwords: readonly [string | null, string | null]) {
  const [a, b] = ends
  let flight = await a.ask({ asks: 'agree', ...call('ABC', 'XYZ', passwords[0]) })
  t.equal(
    await b.ask({ asks: 'agree', ...call('XYZ', 'ABC', passwords[1]) }),
    null,
    'side b waits for the first flight',
  )
  const last: (HandshakeStep | null)[] = [null, null]
  for (let turn = 1; flight; turn++) {
    const step: HandshakeStep = await ends[turn % 2]!.ask({ asks: 'receive', flight })
    last[turn % 2] = step
    flight = step.kind === 'wait' ? null : step.kind === 'send' ? step.bytes : step.send
  }
  return last
}

t.test('nothing of Node is in it', async t => {
  const whole = await bundle([...modulesIn('protocol'), ...modulesIn('peer/call')], { whole: true })
  t.same(whole.nodeOnly, [])
  t.same(
    whole.modules.filter(path => path.startsWith(fileURLToPath(dist))).length,
    modulesIn('protocol').length + modulesIn('peer/call').length,
    'all modules are in it, and none of another part',
  )
  const small = await bundle([new URL('protocol/index.js', dist), new URL('peer/call/machine.js', dist)], {
    whole: true,
    minify: true,
  })
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`
  const brotli = brotliCompressSync(small.code).length
  t.comment(`protocol/ and peer/call/ for a browser: ${kb(small.code.length)} minified, ${kb(brotli)} of brotli`)
})

t.test('what is of Node is found where it is', async t => {
  t.same((await bundle([new URL('peer/node-aead.js', dist)])).nodeOnly, ['node:crypto'])
  const { nodeOnly } = await bundle([new URL('peer/routes/node-werift.js', dist)], { whole: true })
  t.ok(nodeOnly.includes('node:crypto') && nodeOnly.includes('Buffer'), nodeOnly.join(' '))
})

t.test('the page is a browser', { skip }, async t => {
  const { agent, nodeGlobals } = await page.ask({ asks: 'place' })
  t.match(agent, /Chrom/)
  t.same(nodeGlobals, [])
  t.same(page.script.nodeOnly, [])
})

for (const [name, password] of [
  ['a password', 'crossover clockwork'],
  ['a code', null],
] as const) {
  for (const first of ['Chromium', 'Node'] as const) {
    t.test(`agrees by ${name} with ${first} as side a, and opens the other's frames`, { skip }, async t => {
      const node = inNode()
      const [a, b] = first === 'Chromium' ? ([page, node] as const) : ([node, page] as const)
      t.match(await agree([a, b], [password, password]), [{ kind: 'done' }, { kind: 'done' }])
      await framesPass(t, a, b)
    })
  }
}

t.test('two passwords that differ give no keys', { skip }, async t => {
  for (const [a, b] of [
    [page, inNode()],
    [inNode(), page],
  ] as const) {
    const [last, verdict] = await agree([a, b], ['crossover clockwork', 'crossover clockwerk'])
    t.equal(last?.kind, 'send', 'side a has to wait')
    t.match(verdict, { kind: 'failed', reason: 'unverified' }, 'and side b knows')
    await t.rejects(a.ask({ asks: 'use', options: {} }))
  }
})

/** Over two epochs and into a third, both ways, and what was changed on the way does not open. */
async function framesPass(t: Test, a: Asked, b: Asked): Promise<void> {
  const options = { framesPerEpoch: FRAMES_PER_EPOCH }
  const [keysA, keysB] = [await a.ask({ asks: 'use', options }), await b.ask({ asks: 'use', options })]
  t.match(keysA.code, /^[A-Z2-7]{6}$/)
  t.equal(keysA.code, keysB.code)
  t.same([keysA.peerKey, keysB.peerKey], [keysB.ownKey, keysA.ownKey])
  const bye: Packet = { kind: 'bye', reason: 'hungUp', answer: false }
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const packets = [...Array.from({ length: 2 * FRAMES_PER_EPOCH + 5 }, (_, at) => voice(at)), bye]
    const frames = await from.ask({ asks: 'seal', packets })
    const wrong = frames[7]!.map((byte, i) => (i === 60 ? byte ^ 1 : byte))
    t.same(await to.ask({ asks: 'open', frames: [wrong] }), ['notAuthentic'])
    t.same(
      await to.ask({ asks: 'open', frames }),
      packets.map((packet, n) => ({
        packet,
        stream: packet === bye ? 'control' : 'media',
        fresh: true,
        order: packet === bye ? 0 : n,
      })),
    )
    t.match(await to.ask({ asks: 'open', frames: [frames[60]!] }), [{ fresh: false }], 'a twin is told')
  }
}

t.test('the call statechart gets from waiting to talking, and to its end', { skip }, async t => {
  const node = inNode()
  const told = (now: CallNow) => now.told.map(({ actor, command }) => `${actor} ${command.type}`)
  for (const own of ['ABC', 'XYZ']) {
    const peer = own === 'ABC' ? 'XYZ' : 'ABC'
    const isA = own === 'ABC'
    const begun = await page.ask({ asks: 'call', ...call(own, peer, 'crossover clockwork') })
    t.equal(begun.view.state, 'connecting')
    t.same(told(begun), ['link start', 'link dial'])
    const online = await page.ask({ asks: 'event', event: { type: 'server.online', attempt: 1 } })
    t.equal(online.view.state, 'waiting')
    let flight = await node.ask({ asks: 'agree', ...call(peer, own, 'crossover clockwork') })
    let now = await page.ask({ asks: 'event', event: { type: 'server.matched', callId: CALL, resumed: false } })
    t.equal(now.view.state, 'agreeing')
    t.equal(passed(now).length, isA ? 1 : 0)
    for (let turn = 0; turn < 4 && now.view.state === 'agreeing'; turn++) {
      for (const data of passed(now)) {
        const step = await node.ask({ asks: 'receive', flight: data })
        flight = step.kind === 'send' || step.kind === 'done' ? (step.kind === 'send' ? step.bytes : step.send) : null
      }
      if (flight)
        now = await page.ask({ asks: 'event', event: { type: 'server.pass', callId: CALL, data: text(flight) } })
    }
    for (const data of passed(now)) t.equal((await node.ask({ asks: 'receive', flight: data })).kind, 'done')
    t.match(now.view, { state: 'talking', verified: true, mode: 'password' })
    t.same(
      ['session', 'sound', 'direct'].filter(actor => !told(now).includes(`${actor} start`)),
      [],
    )
    await framesPass(t, page, node)
    const heard = await page.ask({ asks: 'event', event: { type: 'peer.heard', route: 'relay' } })
    t.match(heard.view, { state: 'talking', route: null, silent: false })
    const status = { type: 'peer.status', muted: false, doubt: true, recording: false, wants: 'auto' } as const
    t.match((await page.ask({ asks: 'event', event: status })).view, { state: 'talking', route: 'relay' })
    const ended = await page.ask({ asks: 'event', event: { type: 'peer.bye', reason: 'hungUp', answer: false } })
    t.match(ended.view, { state: 'ended', reason: 'peerHungUp' })
    t.ok(told(ended).includes('session stop') && told(ended).includes('link close'), told(ended).join(', '))
  }
})

/** The flights that the call in the page has handed to its link. */
function passed({ told }: CallNow): Uint8Array[] {
  return told.flatMap(({ command }) =>
    command.type === 'tell' && 'message' in command && command.message.type === 'pass'
      ? [new Uint8Array(Buffer.from(command.message.data, 'base64url'))]
      : [],
  )
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
