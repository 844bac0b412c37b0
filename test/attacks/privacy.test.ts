/** What someone learns who sees all that passes, or reads the logs. */
import type { InspectionHeader, InspectionLine } from '../../peer/call/inspection.js'
import { toBase64url } from '../../protocol/bytes.js'
import { LEG_ACK_BYTES, LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { SEALED_BYTES, Sealer } from '../../protocol/sealing.js'
import { startServer } from '../../signaling/server.js'
import { callKeys } from '../protocol/handshake/pair.js'
import { hex } from '../protocol/seeded.js'
import { newIdentity } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'
import { SentFrames, sealedIn } from '../simulation/invariants-nonces.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { PLAINTEXT } from '../simulation/virtual-sound.js'
import { type PersonSetting, type Seen, World, type WorldOptions } from '../simulation/world.js'
import { attack } from './attack.js'

const PASSWORD = 'seven quiet crossovers'

/** Two who want to talk, before they do, with all that leaves them or the server. */
function two(seed: number, password: string | null, setting: PersonSetting = {}, options: WorldOptions = {}) {
  const world = new World(seed, options)
  const seen: Seen[] = []
  world.onWire.push(one => seen.push({ ...one, data: typeof one.data === 'string' ? one.data : one.data.slice() }))
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, password, setting)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, password, setting)
  const talk = () => [abc, xyz].every(({ peer: { view } }) => view.state === 'talking' && view.route !== null)
  return { world, abc, xyz, seen, talk }
}

const holds = (seen: readonly Seen[], bytes: Uint8Array | string) =>
  seen.filter(({ data }) => Buffer.from(data).includes(Buffer.from(bytes)))

attack(34, 'nothing gets through but the relay, and the relay looks at it all', async t => {
  const { world, abc, xyz, seen, talk } = two(34, PASSWORD)
  world.network.partition(abc.host, xyz.host)
  t.ok(await world.until(talk, 30_000))
  await world.run(5_000)
  t.same([abc.peer.view.route, xyz.peer.view.route], ['relay', 'relay'])
  t.same([abc.peer.view.verified, xyz.peer.view.verified], [true, true])
  t.ok(abc.heard.length > 200 && xyz.heard.length > 200, 'they hear each other')
  t.equal(holds(seen, Uint8Array.from(PLAINTEXT)).length, 0, 'and the relay nothing')
  t.equal(holds(seen, PASSWORD).length, 0)
})

attack(37, 'what passes is looked at, on both routes, while they talk, mute and negotiate', async t => {
  const { world, abc, seen, talk } = two(37, PASSWORD)
  t.ok(await world.until(talk, 30_000))
  await world.run(5_000)
  const perSecond = async () => {
    const from = seen.length
    await world.run(10_000)
    return seen.slice(from).filter(one => one.from === 'ABC' && sealedIn(one)).length / 10
  }
  const speaking = await perSecond()
  abc.peer.do({ type: 'mute' })
  await world.run(1_000)
  const muted = await perSecond()
  t.ok(Math.abs(speaking - muted) <= 2, `${speaking} frames a second while talking, ${muted} while muted`)
  const binary = seen.filter(({ data, medium }) => typeof data !== 'string' && medium !== 'handshake')
  const sizes = (medium: Seen['medium']) =>
    new Set(binary.filter(one => one.medium === medium).map(({ data }) => data.length))
  t.same([...sizes('direct')], [SEALED_BYTES], 'one size on the direct route')
  t.same(
    [...sizes('relay')].sort(),
    [LEG_HEADER_BYTES + SEALED_BYTES, LEG_ACK_BYTES],
    'and on the relay, with its acknowledgements',
  )
  t.equal(holds(binary, Uint8Array.from(PLAINTEXT)).length, 0, 'no voice')
  t.equal(holds(seen, PASSWORD).length, 0, 'no password')
})

attack(38, "the server's log is read", async t => {
  const lines: string[] = []
  const log = (fields: object, message: string) => lines.push(JSON.stringify({ ...fields, message }))
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    stunPort: null,
    log: { info: log, warn: log, error: log },
    turn: { urls: ['turn:voice.test:3478'], secret: 'north-wind' },
  })
  const url = `ws://127.0.0.1:${server.port}`
  const identity = newIdentity()
  const [a, b] = [await WsClient.online(url, 'Anna', identity), await WsClient.online(url, 'Ben')]
  a.say({ type: 'call', to: 'Ben' })
  b.say({ type: 'call', to: 'Anna' })
  const { callId } = await a.next('matched')
  const flight = toBase64url(new Uint8Array(100).fill(0xa7))
  a.say({ type: 'pass', callId, data: flight })
  await b.next('pass')
  const thief = await WsClient.online(url, 'Anna')
  t.ok(thief.has('refused'))
  a.say({ type: 'leave', reason: 'hungUp' })
  await b.next('left')
  await server.close()
  const all = lines.join('\n')
  t.match(all, /establishing connection/, 'there is something to be read')
  t.match(all, /refused/)
  for (const secret of [
    flight,
    callId,
    toBase64url(identity.publicKey),
    'Anna',
    'Ben',
    '127.0.0.1"',
    'north-wind',
    'signature',
    'session',
  ])
    t.notOk(all.includes(secret), secret)
})

for (const password of [PASSWORD, null])
  attack(
    38,
    `what a peer writes with --inspect is read, of a call with ${password ? 'a password' : 'a code'}`,
    async t => {
      const lines: (InspectionHeader | InspectionLine)[] = []
      const { world, abc, seen, talk } = two(38, password, {
        inspect: { version: '0', write: line => lines.push(line) },
      })
      t.ok(await world.until(talk, 30_000))
      await world.run(2_000)
      const code = abc.peer.view.code ?? 'none'
      abc.peer.do({ type: 'hangUp' })
      await world.run(5_000)
      const text = JSON.stringify(lines)
      t.match(text, /agreement.agreed/, 'there is something to be read')
      const flights = seen.flatMap(({ data }) => /"type":"pass".*"data":"([^"]+)"/.exec(String(data))?.[1] ?? [])
      t.ok(flights.length >= 4)
      const { secretKey } = abc.identity
      for (const secret of [PASSWORD, code, hex(secretKey), toBase64url(secretKey), ...flights])
        t.notOk(text.includes(secret), secret)
    },
  )

/** What befalls a call, one of them each second. */
const TROUBLES = ['cut', 'move', 'strand', 'restart', 'crash', 'partition', 'sleep', 'mute', 'none'] as const

attack(39, 'the call is cut, moved, put to sleep, and loses its server and its routes, in any order', async t => {
  for (const seed of [1, 2, 3]) {
    const { world, abc, xyz, talk } = two(seed, PASSWORD, {}, { framesPerEpoch: 256 })
    const sent = new Map<string, SentFrames>()
    const wrong: string[] = []
    let frames = 0
    const routes = new Set<string>()
    world.onWire.push(seen => {
      const sealed = seen.from === 'server' ? null : sealedIn(seen)
      if (!sealed) return
      frames++
      routes.add(seen.medium)
      const sender = sent.get(seen.from) ?? new SentFrames()
      sent.set(seen.from, sender)
      const words = sender.note(sealed)
      if (words) wrong.push(`${seen.from} ${words}`)
    })
    t.ok(await world.until(talk, 30_000))
    const random = new SeededRandom(seed)
    for (let n = 0; n < 20; n++) {
      const person = random.between(0, 2) < 1 ? abc : xyz
      switch (TROUBLES[Math.floor(random.between(0, TROUBLES.length))]) {
        case 'cut':
          person.cut()
          break
        case 'move':
          person.move()
          break
        case 'strand':
          person.strand()
          break
        case 'restart':
          world.server.restart(1_500)
          break
        case 'crash':
          world.server.start()
          break
        case 'partition':
          world.network.partition(abc.host, xyz.host)
          break
        case 'sleep':
          person.sleep()
          await world.run(2_000)
          person.wake()
          break
        case 'mute':
          person.peer.do({ type: person.peer.view.muted ? 'unmute' : 'mute' })
      }
      await world.run(3_000)
    }
    t.same(wrong.slice(0, 3), [], `seed ${seed}: ${frames} frames over ${[...routes].join(' and ')}`)
    t.ok(frames > 3_000 && routes.size === 2, 'on both routes, through many epochs')
    t.notOk(abc.failure ?? xyz.failure)
  }
})

attack(39, 'a second sealer on the keys of a call', async t => {
  const { a } = callKeys()
  new Sealer(a)
  t.throws(() => new Sealer(a), /in use/)
  const copy = structuredClone(a)
  t.same(
    [hex(copy.chains.media.send), hex(copy.chains.control.send)],
    ['00'.repeat(64), '00'.repeat(64)],
    'nothing is left to be used again',
  )
})
