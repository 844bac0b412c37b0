/** The worked example of PROTOCOL.md: fixed inputs, and each value that a second implementation may want to compare. */
import { extract } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../protocol/bytes.js'
import { drawShare, generatorOf, sessionKey, sharedPoint } from '../../protocol/cpace.js'
import { Epoch } from '../../protocol/epoch-chain.js'
import { Handshake, identityFromSecret, Opener, type Random, Sealer, signLogin } from '../../protocol/index.js'
import { lv, readLv } from '../../protocol/length-value.js'
import { encodePacket, type VoicePacket } from '../../protocol/packet.js'
import { agree } from './handshake/pair.js'
import { hex, unhex } from './seeded.js'

const repeat = (byte: number, length: number) => new Uint8Array(length).fill(byte)
const fixed = (scalarByte: number, nonceByte: number): Random => {
  return length => repeat(length === 64 ? scalarByte : nonceByte, length)
}
const callId = unhex('000102030405060708090a0b0c0d0e0f')
const password = 'crossover clockwork'
const a = identityFromSecret(repeat(0x0a, 32))
const b = identityFromSecret(repeat(0x0b, 32))

/** Name and value, in the order of the document. Bytes in hex. */
export function workedExample(): [name: string, value: string][] {
  const { messages, keysA, keysB } = agree(
    new Handshake({ ownId: 'ABC', peerId: 'XYZ', callId, password, identity: a, random: fixed(0x11, 0x12) }),
    new Handshake({ ownId: 'XYZ', peerId: 'ABC', callId, password, identity: b, random: fixed(0x21, 0x22) }),
  )
  const { m1, m2, m3, m4 } = messages
  const m3c = fields(m3)[0]!
  const [adA, adB] = [fields(m3c)[3]!, fields(m2)[4]!]
  const prs = utf8(`\x01${password}`)
  const ci = lv('evc/1', 'abc', 'xyz', Uint8Array.of(0, 5))
  const generator = generatorOf(prs, ci, callId)
  const shareA = drawShare(generator, fixed(0x11, 0))
  const shareB = drawShare(generator, fixed(0x21, 0))
  const shared = sharedPoint(shareA.secret, shareB.point)!
  const isk = sessionKey(callId, shared, { a: { point: shareA.point, ad: adA }, b: { point: shareB.point, ad: adB } })
  const transcript = sha512(lv('evc/1 th', m1, m2, m3c))
  const chains = [
    keysA.chains.media.send,
    keysB.chains.media.send,
    keysA.chains.control.send,
    keysB.chains.control.send,
  ]
  const [mediaA2b, mediaB2a, controlA2b, controlB2a] = chains.map(hex) as [string, string, string, string]
  const epoch = new Epoch(unhex(mediaA2b), 0, 0)
  const packet: VoicePacket = { kind: 'voice', blocks: [{ at: 7, opus: repeat(0xee, 80) }] }
  const sealer = new Sealer(keysA)
  const frames = Array.from({ length: 9 }, () => sealer.seal(packet))
  const opener = new Opener(keysB)
  if (!frames.every(frame => opener.open(frame).ok)) throw new Error('the frames of the example do not open')
  const login = { origin: 'ws://localhost:9001', id: 'ABC', challenge: repeat(0x31, 32), session: repeat(0x32, 16) }
  return [
    ['public key of A', hex(a.publicKey)],
    ['public key of B', hex(b.publicKey)],
    ['login signature', hex(signLogin(a, login))],
    ['PRS', hex(prs)],
    ['CI', hex(ci)],
    ['g', hex(generator)],
    ['ya', scalar(shareA.secret)],
    ['yb', scalar(shareB.secret)],
    ['Ya', hex(shareA.point)],
    ['Yb', hex(shareB.point)],
    ['M1', hex(m1)],
    ['M2', hex(m2)],
    ['M3', hex(m3)],
    ['M4', hex(m4)],
    ['K', hex(shared)],
    ['ISK', hex(isk)],
    ['TH', hex(transcript)],
    ['PRK', hex(extract(sha512, isk, transcript))],
    ['code', keysA.code],
    ['media a2b', mediaA2b],
    ['media b2a', mediaB2a],
    ['control a2b', controlA2b],
    ['control b2a', controlB2a],
    ['sframe_key, KID 0', hex(epoch.key.key)],
    ['sframe_salt, KID 0', hex(epoch.key.salt)],
    ['sframe_key, KID 4', hex(epoch.next().key.key)],
    ['voice packet', hex(encodePacket(packet))],
    ['frame, counter 0', hex(frames[0]!)],
    ['frame, counter 8', hex(frames[8]!)],
  ]
}

/** The example as the document shows it: name, and the value on lines of its own. */
export function printExample(): string {
  const wrapped = (value: string) => value.replace(/(.{96})(?=.)/g, '$1\n  ')
  return workedExample()
    .map(([name, value]) => `${name}\n  ${wrapped(value)}`)
    .join('\n')
}

function fields(message: Uint8Array): Uint8Array[] {
  const read = readLv(message, 16)
  if (!read.ok) throw new Error('not fields')
  return read.value
}

/** Little-endian, 32 bytes, as RFC 9496 writes scalars. */
function scalar(value: bigint): string {
  return hex(unhex(value.toString(16).padStart(64, '0')).reverse())
}
