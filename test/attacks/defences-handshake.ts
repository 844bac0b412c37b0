import { type Defence, defence } from './defence.js'

const INITIATOR = 'protocol/handshake/initiator.js'
const RESPONDER = 'protocol/handshake/responder.js'
const MESSAGES = 'protocol/handshake/messages.js'
const SCHEDULE = 'protocol/handshake/key-schedule.js'
const AGREEMENT = 'protocol/handshake/agreement.js'
const CPACE = 'protocol/cpace.js'

export const handshakeDefences: readonly Defence[] = [
  defence(1, "side b compares side a's tag", [RESPONDER, '!equalBytes(m3.tag, schedule.tagA()) || ', '']),
  defence(1, "side b checks side a's signature", [
    RESPONDER,
    " || !schedule.opensIdentity('a', m3.identity, m3.box, this.#own.verify)",
    '',
  ]),
  defence(1, "side a compares side b's tag", [INITIATOR, '!equalBytes(m4.tag, schedule.tagB())', 'false']),
  defence(1, "side a checks side b's signature", [
    INITIATOR,
    "!schedule.opensIdentity('b', peerIdentity, m4.box, this.#own.verify)",
    'false',
  ]),
  defence(
    2,
    'fields that are cut off are refused, and each has its one length',
    ['protocol/length-value.js', 'length > bytes.length - offset', 'false'],
    [MESSAGES, ' || commit?.length !== HASH_256', ''],
  ),
  defence(2, 'a share has its one length', [
    MESSAGES,
    'callId.length !== CALL_ID || point.length !== POINT)\n        return bad();\n    if (nonce.length !== NONCE || identity.length !== KEY || hashOfM1',
    'false) return bad();\n    if (hashOfM1',
  ]),
  defence(3, 'M2 carries the hash of the M1 that it answers', [
    INITIATOR,
    '!equalBytes(m2.hashOfM1, hashOf(this.m1))',
    'false',
  ]),
  defence(3, 'a message names its call', [RESPONDER, '!equalBytes(value.callId, callId)', 'false']),
  defence(3, 'M3 is held against the commitment', [
    RESPONDER,
    '!equalBytes(commitmentTo(callId, m3.point, m3.ad), commit)',
    'false',
  ]),
  defence(
    4,
    'tag, box and signature of the two sides are made with labels of their own',
    [SCHEDULE, "hmac(sha256, this.#key('mac b'), concat(this.#transcript, this.tagA()))", 'this.tagA()'],
    [SCHEDULE, "side === 'a' ? 'hs a2b' : 'hs b2a'", "'hs a2b'"],
    [SCHEDULE, '#signed(side) {', "#signed(_side, side = 'a') {"],
  ),
  defence(5, 'the password goes into the generator', [AGREEMENT, "password.normalize('NFC')", "''"]),
  defence(8, 'side a goes on in its own mode alone', [INITIATOR, 'm2.mode !== mode', 'false']),
  defence(8, 'side b goes on in its own mode alone', [RESPONDER, 'value.mode !== mode', 'false']),
  defence(9, 'only one version is understood', [MESSAGES, 'version[0] !== HANDSHAKE_VERSION', 'false']),
  defence(9, 'only one cipher suite is understood', [
    MESSAGES,
    '!suite.every((byte, i) => byte === SUITE[i])',
    'false',
  ]),
  defence(10, 'side b compares the ids in M1', [
    RESPONDER,
    '!equalBytes(value.idA, idA) || !equalBytes(value.idB, idB)',
    'false',
  ]),
  defence(
    10,
    'the ids are compared, and go into the generator',
    [RESPONDER, '!equalBytes(value.idA, idA) || !equalBytes(value.idB, idB)', 'false'],
    [AGREEMENT, "lv('evc/1', idA, idB, SUITE)", "lv('evc/1', SUITE)"],
  ),
  defence(11, 'a shared point that is the identity ends the agreement', [
    CPACE,
    'shared.is0() ? null : shared.toBytes()',
    'shared.toBytes()',
  ]),
  defence(11, 'a share that is no canonical point ends the agreement', [
    CPACE,
    'catch {\n        return null;',
    'catch {\n        return new Uint8Array(32);',
  ]),
  defence(12, 'side a commits to its share before it sees the other', [
    RESPONDER,
    '!equalBytes(commitmentTo(callId, m3.point, m3.ad), commit)',
    'false',
  ]),
  defence(12, 'the code comes from the keys', [SCHEDULE, "this.#key('sas', 8)", 'callId']),
  defence(14, 'the transcript is signed, not only named', [
    SCHEDULE,
    'return verify(publicKey, this.#signed(side), this.#box(side).decrypt(box));',
    'return this.#box(side).decrypt(box).length === 64;',
  ]),
]
