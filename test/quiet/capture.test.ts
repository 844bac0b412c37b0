/**
 * All packets at one side of a call, by relay and directly: while it speaks, while its microphone is silent, and while it is muted in the
 * middle of speech. Sizes and numbers of what carries voice are the same, and nothing of what must not be seen is there in clear.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fromBase64url } from '../../protocol/bytes.js'
import { LEG_ACK_BYTES, LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { SEALED_BYTES } from '../../protocol/sealing.js'
import { parseFromPeer, parseFromServer } from '../../protocol/signaling.js'
import { table } from '../bench/figures.js'
import { only } from '../lab/event.js'
import { NetworkLab } from '../lab/network.js'
import { Capture } from '../lab/network-capture.js'
import { type Packet, TcpStream } from '../lab/packet.js'
import { kindOf } from '../lab/udp-between.js'
import { Wire } from '../lab/wire.js'
import { readWav, writeWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { disguises, opusPackets, packetPieces, pcmPieces } from '../system/spoken.js'
import { PASSWORD, sleep, WholeCall } from '../system/whole-call.js'
import { dtlsRecords } from './dtls-record.js'

const skip = NetworkLab.available() ?? false
if (skip) t.comment(skip)
t.setTimeout(150_000)

/** Long enough that they come up in no sealed bytes by chance. */
const IDS = ['anna.of.the.north', 'zachary.of.the.south'] as const
/** The microphone speaks so long, then is silent as long, over and over, ms. */
const HALF_MS = 3000
/** What is judged begins so long after a change and ends as long before the next, ms. */
const MARGIN_MS = 300
/** Frames that a busy machine may shift from one span to another: fewer than the statuses that would be missing if one could tell. */
const SHIFTED = 3
const RTP_HEADER_BYTES = 12
/** Of AES-GCM (RFC 7714, section 13.2). */
const TAG_BYTES = 16
/** DSCP AF42 (RFC 8837, section 5). */
const ASSURED = 36

interface Span {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** Speech and silence in turns, of the same length. */
function microphone(folder: string): string {
  const { rate, samples } = readWav(speechPath('congratulations'))
  const half = (HALF_MS * rate) / 1000
  const both = new Float32Array(2 * half)
  both.set(samples.subarray(0, half))
  const path = join(folder, 'speaks-and-pauses.wav')
  writeWav(path, { rate, samples: both })
  return path
}

/** A call; its packets at A's, and when A spoke, was silent, and was muted though it spoke. */
async function captured(t: Test, route: 'relay' | 'direct') {
  const network = await NetworkLab.start()
  t.teardown(() => network.stop())
  const capture = new Capture(network.within('a'))
  t.teardown(() => capture.kill())
  await capture.ready()
  const options = { route: route === 'relay' ? 'relay' : 'auto', webrtc: 'native' } as const
  const mic = microphone(t.testdir())
  const call = await WholeCall.start(t, { network, ids: IDS, a: { ...options, mic }, b: options })
  await call.talking(route)
  await call.a.peer.event(({ event }) => event === 'devices')
  const began = only('devices', call.a.peer.events)[0]!.microphone.startedAt!
  const loop = 2 * HALF_MS
  const base = began + Math.ceil((Date.now() - began) / loop) * loop
  await sleep(base + loop - Date.now())
  const mutedAt = Date.now()
  call.a.peer.send({ do: 'mute' })
  await sleep(HALF_MS)
  const spans: Span[] = [
    { name: 'speaking', from: base, to: base + HALF_MS },
    { name: 'silent', from: base + HALF_MS, to: base + loop },
    { name: 'muted', from: mutedAt, to: mutedAt + HALF_MS },
  ].map(({ name, from, to }) => ({ name, from: from + MARGIN_MS, to: to - MARGIN_MS }))
  t.same(await call.hangUp(), [0, 0])
  t.equal(await capture.stop(), 0, 'the kernel gave us each packet')
  return { network, capture, spans }
}

/** What went to the server and came from it, read as websocket messages. */
function wireOf(packets: readonly Packet[]): Wire {
  const wire = new Wire()
  const streams = new Map<string, TcpStream>()
  const flows = [...new Set(packets.map(({ flow }) => flow))]
  for (const packet of packets) {
    const key = `${packet.flow} ${packet.direction}`
    const stream = streams.get(key) ?? new TcpStream()
    streams.set(key, stream)
    const bytes = stream.take(packet)
    const direction = packet.direction === 'out' ? 'up' : 'down'
    if (bytes.length > 0) wire.add({ connection: flows.indexOf(packet.flow), direction, at: packet.at, bytes })
  }
  return wire
}

/** Whatever is searched: UDP, and TCP both as it was and without the masks, with what is inside of base64. */
function haystack(udp: readonly Packet[], wire: Wire): { all: Buffer; withoutTexts: Buffer } {
  const joined = (parts: readonly { key: string; bytes: Uint8Array }[]) => {
    const flows = new Map<string, Uint8Array[]>()
    for (const { key, bytes } of parts) flows.set(key, [...(flows.get(key) ?? []), bytes])
    return [...flows.values()].flat()
  }
  const datagrams = joined(udp.map(({ flow, direction, payload }) => ({ key: `${flow} ${direction}`, bytes: payload })))
  const raw = joined(
    wire.passages.map(({ connection, direction, bytes }) => ({ key: `${connection} ${direction}`, bytes })),
  )
  const inside = textsOf(wire).flatMap(({ text }) => Object.values(JSON.parse(text) as object))
  const decoded = inside.flatMap(value => (typeof value === 'string' && fromBase64url(value)) || [])
  const binary = wire.messages.filter(({ opcode }) => opcode !== 1).map(({ payload }) => payload)
  const heads = wire.passages.filter(({ bytes }) => /^(GET|HTTP)/.test(Buffer.from(bytes).toString('latin1', 0, 4)))
  const upto = (bytes: Uint8Array) => Buffer.from(bytes).subarray(0, Buffer.from(bytes).indexOf('\r\n\r\n'))
  return {
    all: Buffer.concat([...datagrams, ...raw, ...wire.messages.map(({ payload }) => payload), ...decoded]),
    withoutTexts: Buffer.concat([...datagrams, ...binary, ...heads.map(({ bytes }) => upto(bytes))]),
  }
}

function textsOf(wire: Wire) {
  const texts = wire.messages.filter(({ opcode }) => opcode === 1)
  return texts.map(({ direction, payload }) => ({ direction, text: Buffer.from(payload).toString() }))
}

/** The websocket carries what PROTOCOL.md says and nothing else; ids are where it says, and in no other place. */
async function checkSignaling(t: Test, wire: Wire, withoutTexts: Buffer): Promise<void> {
  const places = new Set<string>()
  for (const { direction, text } of textsOf(wire)) {
    const parsed = direction === 'up' ? parseFromPeer(text) : parseFromServer(text)
    t.strictSame(parsed.ok && parsed.value, JSON.parse(text), 'a known message, and nothing more')
    if (!parsed.ok) continue
    const message = parsed.value
    const sealed = message.type === 'pass' ? Buffer.from(message.data, 'base64url').toString('latin1') : ''
    const holds = IDS.some(id => `${text}${sealed}`.includes(id))
    if (holds) places.add(message.type === 'pass' ? `pass ${sealed.slice(1, 3)}` : message.type)
  }
  t.comment(`ids are seen in: ${[...places].join(', ')}`)
  const allowed = ['login', 'online', 'call', 'presence', 'matched', 'pass h1']
  t.same(
    [...places].filter(place => !allowed.includes(place)),
    [],
    'ids: only where the server learns them',
  )
  for (const id of IDS) t.notOk(withoutTexts.includes(id), `${id} is nowhere else`)
}

/** What must not be in clear anywhere. */
async function checkSecrets(t: Test, all: Buffer, network: NetworkLab): Promise<void> {
  const opus = packetPieces([
    ...(await opusPackets('congratulations', HALF_MS)),
    ...(await opusPackets('no-connection', 3 * HALF_MS)),
  ])
  const pcm = [...pcmPieces('congratulations'), ...pcmPieces('no-connection')]
  const addresses = (['a', 'b'] as const).flatMap(home => [network.address(home), network.publicAddress(home)])
  const negotiation = ['candidate', 'typ host', 'ice-ufrag', 'ice-pwd', 'fingerprint', 'DTLS/SCTP', 'm=application']
  const clear = [...negotiation, ...addresses].map(text => Buffer.from(text))
  const found = (pieces: readonly Uint8Array[]) => pieces.filter(piece => all.includes(Buffer.from(piece))).length
  t.ok(opus.length > 1000 && pcm.length > 300 && all.length > 100_000, 'there is something to look for, and where')
  t.equal(found(opus), 0, `none of ${opus.length} pieces of Opus`)
  t.equal(found(pcm), 0, `none of ${pcm.length} pieces of PCM`)
  t.equal(found(disguises(PASSWORD)), 0, 'no password')
  t.same(
    clear.filter(text => all.includes(text)).map(text => `${text}`),
    [],
    'no SDP, no candidate, no address of either side',
  )
  const planted = Buffer.concat([all, opus[3]!, pcm[3]!, ...disguises(PASSWORD), ...clear])
  const wouldFind = [opus, pcm, disguises(PASSWORD), clear].map(
    pieces => pieces.filter(piece => planted.includes(Buffer.from(piece))).length,
  )
  t.ok(wouldFind.every(count => count > 0) && wouldFind[3] === clear.length, 'the search finds what is there')
}

/** Sizes and how many, in a span. */
function sizesIn(span: Span, sized: readonly { at: number; size: number }[]): Map<number, number> {
  const sizes = new Map<number, number>()
  for (const { at, size } of sized) if (at >= span.from && at < span.to) sizes.set(size, (sizes.get(size) ?? 0) + 1)
  return sizes
}

/** Prints, for each size, how many went a second in each span. */
function printSizes(
  t: Test,
  what: string,
  spans: readonly Span[],
  sized: readonly { at: number; size: number }[],
): void {
  const each = spans.map(span => sizesIn(span, sized))
  const sizes = [...new Set(each.flatMap(map => [...map.keys()]))].sort((x, y) => x - y)
  const seconds = spans.map(({ from, to }) => (to - from) / 1000)
  const rows = sizes.map(size => [
    `${what} ${size} B`,
    ...each.map((map, n) => ((map.get(size) ?? 0) / seconds[n]!).toFixed(1)),
  ])
  for (const line of table([['a second', ...spans.map(({ name }) => name)], ...rows])) t.comment(line)
}

/** As many in each span: a machine that is late moves some to the next. */
function sameNumber(
  t: Test,
  what: string,
  spans: readonly Span[],
  sized: readonly { at: number; size: number }[],
): void {
  const counts = spans.map(span => [...sizesIn(span, sized).values()].reduce((all, count) => all + count, 0))
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  t.ok(least > 0 && most - least <= SHIFTED, `${what}: ${counts.join(', ')} in ${spans.map(({ name }) => name)}`)
}

t.test('by relay: one size, one rate, nothing in clear', { skip }, async t => {
  const { network, capture, spans } = await captured(t, 'relay')
  const udp = capture.packets.filter(({ protocol }) => protocol === 'udp')
  const wire = wireOf(capture.packets.filter(({ protocol }) => protocol === 'tcp'))
  const { all, withoutTexts } = haystack(udp, wire)
  const binary = wire.messages.filter(({ opcode }) => opcode === 2)
  const up = binary.filter(({ direction }) => direction === 'up')
  const sized = up.map(({ at, payload }) => ({ at, size: payload.length }))
  printSizes(t, 'relay, up:', spans, sized)
  printSizes(
    t,
    'relay, down:',
    spans,
    binary.filter(({ direction }) => direction === 'down').map(({ at, payload }) => ({ at, size: payload.length })),
  )
  const FRAME = LEG_HEADER_BYTES + SEALED_BYTES
  t.same(
    binary.filter(({ payload }) => ![FRAME, LEG_ACK_BYTES].includes(payload.length)),
    [],
    'frames of one size, acknowledgements of one size',
  )
  const frames = sized.filter(({ size }) => size === FRAME)
  t.ok(frames.length > 400, `${frames.length} frames went up`)
  sameNumber(t, 'frames', spans, frames)
  t.equal(udp.length, 0, 'and no packet past the server')
  await checkSignaling(t, wire, withoutTexts)
  await checkSecrets(t, all, network)
})

t.test('directly: one size, one rate, nothing in clear', { skip }, async t => {
  const { network, capture, spans } = await captured(t, 'direct')
  const udp = capture.packets.filter(({ protocol }) => protocol === 'udp')
  const wire = wireOf(capture.packets.filter(({ protocol }) => protocol === 'tcp'))
  const { all, withoutTexts } = haystack(udp, wire)
  const records = udp.flatMap(({ at, direction, payload }) =>
    dtlsRecords(payload).map(record => ({ at, direction, ...record })),
  )
  const kinds = new Set(records.map(({ kind }) => kind))
  t.ok(kinds.has('handshake') && kinds.has('data'), `DTLS: ${[...kinds].join(', ')}`)
  const ofKind = (kind: string) => udp.filter(({ payload }) => kindOf(payload) === kind)
  t.ok(
    ofKind('dtls').every(({ payload }) => dtlsRecords(payload).length > 0),
    'what looks like DTLS is',
  )
  t.ok(
    ofKind('stun').every(({ payload }) => isStun(payload)),
    'what looks like STUN is',
  )
  const rtp = ofKind('rtp').map(({ at, direction, payload }) => ({ at, direction, size: payload.length, payload }))
  t.equal(ofKind('dtls').length + ofKind('stun').length + rtp.length, udp.length, 'all other UDP is RTP')
  const up = rtp.filter(({ direction }) => direction === 'out')
  const down = rtp.filter(({ direction }) => direction === 'in')
  printSizes(t, 'SRTP, out:', spans, up)
  printSizes(t, 'SRTP, in:', spans, down)
  const told = records.filter(({ kind, direction }) => kind === 'data' && direction === 'out')
  printSizes(t, 'DTLS, out:', spans, told)
  const inSpans = told.filter(({ at }) => spans.some(({ from, to }) => at >= from && at < to))
  t.same(
    inSpans.filter(({ size }) => size > SEALED_BYTES),
    [],
    "no frame goes over the data channel, whose SCTP looks now and then whether it's still there",
  )
  const sizes = spans.map(span => [...sizesIn(span, up).keys()])
  t.same(sizes[0], [RTP_HEADER_BYTES + SEALED_BYTES + TAG_BYTES], 'frames of one size')
  t.same(sizes[1], sizes[0], 'silence: the same size as speech')
  t.same(sizes[2], sizes[0], 'muted: the same size as speech')
  sameNumber(t, 'frames', spans, up)
  const marks = capture.raw.filter(isRtp).map(packet => packet[1]! >> 2)
  t.same([...new Set(marks)], [ASSURED], 'marked as voice, and no other way')
  t.equal(marks.length, rtp.length)
  for (const packets of [up, down]) {
    const fixed = packets.map(({ payload }) => payload.toString('hex', 0, 2) + payload.toString('hex', 8, 12))
    t.equal(new Set(fixed).size, 1, 'the header: one kind and one source')
    const steps = packets.slice(1).map(({ payload }, n) => stepBetween(packets[n]!.payload, payload))
    t.same([...new Set(steps)], ['1 packet, 960 ticks'], 'and its numbers go up evenly, whatever is said')
  }
  await checkSignaling(t, wire, withoutTexts)
  await checkSecrets(t, all, network)
})

/** A whole IPv4 packet: UDP, and RTP in it. */
function isRtp(packet: Buffer): boolean {
  return packet[0] === 0x45 && packet[9] === 17 && kindOf(packet.subarray(28)) === 'rtp'
}

/** How far two RTP packets are apart by their headers. */
function stepBetween(before: Buffer, after: Buffer): string {
  const packets = (after.readUInt16BE(2) - before.readUInt16BE(2)) & 0xffff
  return `${packets} packet, ${(after.readUInt32BE(4) - before.readUInt32BE(4)) >>> 0} ticks`
}

/** RFC 8489, section 5: two zero bits, and the magic cookie. */
function isStun(payload: Buffer): boolean {
  return payload.length >= 20 && payload[0]! < 4 && payload.readUInt32BE(4) === 0x2112a442
}
