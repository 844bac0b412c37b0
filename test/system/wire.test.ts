import t from 'tap'
import { fromBase64url } from '../../protocol/bytes.js'
import { LEG_ACK_BYTES, LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { SEALED_BYTES } from '../../protocol/sealing.js'
import { parseFromPeer, parseFromServer } from '../../protocol/signaling.js'
import { only } from '../lab/event.js'
import type { Message, Wire } from '../lab/wire.js'
import { disguises, livePackets, opusPackets, packetPieces, pcmPieces } from './spoken.js'
import { PASSWORD, sleep, WholeCall } from './whole-call.js'

/** All that passed, in one piece: the raw bytes both ways, the messages without masks, and what their base64 holds. */
function haystack(wires: readonly Wire[]): Buffer {
  const parts = wires.flatMap(({ passages, messages }) => {
    const flows = new Map<string, Uint8Array[]>()
    for (const { connection, direction, bytes } of passages) {
      const key = `${connection} ${direction}`
      flows.set(key, [...(flows.get(key) ?? []), bytes])
    }
    const inside = texts(messages).flatMap(text => Object.values(JSON.parse(text) as object))
    const decoded = inside.flatMap(value => (typeof value === 'string' && fromBase64url(value)) || [])
    return [...[...flows.values()].flat(), ...messages.map(({ payload }) => payload), ...decoded]
  })
  return Buffer.concat(parts)
}

function texts(messages: readonly Message[]): string[] {
  return messages.filter(({ opcode }) => opcode === 1).map(({ payload }) => Buffer.from(payload).toString())
}

const found = (all: Buffer, pieces: readonly Uint8Array[]) =>
  pieces.filter(piece => all.includes(Buffer.from(piece))).length

t.test('shows the server and the wire nothing of what is said, and no password', async t => {
  const [a, b] = await Promise.all([opusPackets('congratulations', 5000), opusPackets('no-connection', 5000)])
  const live = await livePackets('congratulations', 2000)
  const same = live.findIndex((packet, n) => !Buffer.from(packet).equals(a[n]!))
  const [exact, of] = [same < 0 ? live.length : same, live.length]
  t.comment(`the first ${exact} of ${of} packets of a live microphone are, bit by bit, those that are looked for`)
  t.ok(exact >= 5, 'what is looked for is what a peer makes')

  const call = await WholeCall.start(t, { proxied: true })
  await call.talking()
  await sleep(6000)
  t.same(await call.hangUp(), [0, 0])
  const wires = [call.proxies!.a.wire, call.proxies!.b.wire]
  const messages = wires.flatMap(wire => wire.messages)
  const all = haystack(wires)

  const opus = packetPieces([...a, ...b])
  const pcm = [...pcmPieces('congratulations'), ...pcmPieces('no-connection')]
  const password = disguises(PASSWORD)
  t.ok(opus.length > 1000 && pcm.length > 500, `looked for ${opus.length} pieces of Opus and ${pcm.length} of PCM`)
  const planted = Buffer.concat([all, opus[7]!, pcm[7]!, ...password])
  const foundPlanted = [opus, pcm, password].map(pieces => found(planted, pieces))
  t.ok(foundPlanted[0]! >= 1 && foundPlanted[1]! >= 1, 'the search finds what is there')
  t.equal(foundPlanted[2], password.length)
  t.equal(found(all, opus), 0, 'no Opus packet')
  t.equal(found(all, pcm), 0, 'no PCM')
  t.equal(found(all, password), 0, 'no password')

  const binary = messages.filter(({ opcode }) => opcode === 2)
  const frames = binary.filter(({ payload }) => payload[0] === 1)
  const sizes = new Set(frames.map(({ payload }) => payload.length))
  t.comment(`${all.length} bytes, ${frames.length} relay frames of ${[...sizes]} bytes, ${binary.length} binary in all`)
  t.ok(frames.length > 4 * 250, 'voice went this way, both ways, through both proxies')
  t.same([...sizes], [LEG_HEADER_BYTES + SEALED_BYTES], 'one size for all')
  const others = binary.filter(({ payload }) => payload[0] !== 1)
  const odd = others.filter(({ payload }) => payload[0] !== 2 || payload.length !== LEG_ACK_BYTES)
  t.same(odd, [], 'all else is acknowledgements')
  t.same(
    messages.filter(({ opcode }) => ![1, 2, 8, 9, 10].includes(opcode)),
    [],
  )
  const control = new Set(messages.filter(({ opcode }) => opcode >= 9).map(({ payload }) => payload.length))
  t.comment(`pings and pongs of ${[...control]} bytes`)

  const types = new Map<string, number>()
  for (const direction of ['up', 'down'] as const) {
    const parse = direction === 'up' ? parseFromPeer : parseFromServer
    for (const text of texts(messages.filter(message => message.direction === direction))) {
      const parsed = parse(text)
      if (!t.strictSame(parsed.ok && parsed.value, JSON.parse(text), `${direction}: a known message, and nothing more`))
        t.comment(text)
      const type = `${direction} ${JSON.parse(text).type}`
      types.set(type, (types.get(type) ?? 0) + 1)
    }
  }
  t.comment([...types].map(([type, count]) => `${type}: ${count}`).join(', '))

  await call.server.stop()
  const log = [...call.server.events.map(line => JSON.stringify(line)), ...call.server.strays, call.server.stderr].join(
    '\n',
  )
  t.match(log, /establishing connection/)
  const SECRET = ['key', 'session', 'signature', 'callId', 'data', 'challenge', 'resume']
  const secrets = new Set(
    texts(messages).flatMap(text =>
      Object.entries(JSON.parse(text) as Record<string, unknown>).flatMap(([name, value]) =>
        SECRET.includes(name) && typeof value === 'string' ? value.slice(0, 20) : [],
      ),
    ),
  )
  t.ok(secrets.size >= 10, `${secrets.size} keys, signatures, call ids and flights were passed`)
  t.same(
    [...secrets].filter(secret => log.includes(secret)),
    [],
    'none of them is in the log',
  )
  const logged = Buffer.from(log)
  const sealed = frames.flatMap(({ payload }) =>
    (['hex', 'base64', 'base64url'] as const).map(how => Buffer.from(payload.slice(5, 17)).toString(how)),
  )
  t.equal(sealed.filter(text => log.includes(text)).length, 0, 'no payload is in the log')
  t.equal(found(logged, password), 0, 'no password is in the log')
  for (const { code } of only('verify', call.a.peer.events)) t.notOk(log.includes(code), 'nor the code')
})
