import { type Defence, defence } from './defence.js'

const SFRAME = 'protocol/sframe.js'
const SEALING = 'protocol/sealing.js'

/** A cipher that does nothing: the call goes on, for all to hear. */
const inTheClear = [
  [
    SFRAME,
    'this.#aead.seal(this.key, this.nonce(counter), aad, plaintext, header.length)',
    'concat(header, plaintext, new Uint8Array(SFRAME_TAG_BYTES))',
  ],
  [
    SFRAME,
    'return this.#aead.open(this.key, this.nonce(header.counter), aad, frame.subarray(header.size));',
    'return frame.slice(header.size, -SFRAME_TAG_BYTES);',
  ],
] as const

export const privacyDefences: readonly Defence[] = [
  defence(34, 'what goes over the relay is encrypted from end to end', ...inTheClear),
  defence(37, 'what passes is encrypted', ...inTheClear),
  defence(
    37,
    'each frame is padded to one size',
    [SEALING, 'this.#padded.subarray(0, room)', 'bytes'],
    [SEALING, '!LENGTHS.includes(bytes.length)', 'false'],
  ),
  defence(37, 'who is muted goes on sending', [
    'peer/session/session.js',
    'this.#statusDue || packets.length === 0;',
    'this.#statusDue;',
  ]),
  defence(
    38,
    'the log holds chosen fields alone',
    ['signaling/log.js', "log.info({ connection: event.connection, ...named }, 'online')", "log.info(event, 'online')"],
    [
      'signaling/attendance.js',
      "report({ event: 'online', connection: connection.number",
      "report({ event: 'online', key: connection.key, connection: connection.number",
    ],
  ),
  defence(38, 'the log names no ids unless asked for', [
    'signaling/log.js',
    'ids ? namesIn(event) : {}',
    'namesIn(event)',
  ]),
  defence(38, 'flights and code are left out of what is inspected', [
    'peer/call/inspection.js',
    "new Set(['data', 'code'])",
    'new Set()',
  ]),
  defence(39, 'each epoch has a key of its own', [
    SEALING,
    'this.#epoch = old.next();\n        this.#counter = 0;\n        old.forget();',
    'this.#epoch = old;\n        this.#counter = 0;',
  ]),
  defence(39, 'each frame has a counter of its own', [
    SEALING,
    'this.#counter++;',
    'if (packet.kind !== this.last)\n            this.#counter++;\n        this.last = packet.kind;',
  ]),
  defence(39, 'the keys of a call are used by one sealer alone', [SEALING, 'if (taken.has(chain))', 'if (false)']),
  defence(39, 'a sealer leaves no key behind', [SEALING, '    chain.fill(0);', '']),
]
