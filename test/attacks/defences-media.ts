import { type Defence, defence } from './defence.js'

const SEALING = 'protocol/sealing.js'
const SESSION = 'peer/session/session.js'
const WINDOW = 'protocol/replay-window.js'

/** Decrypts, and compares no tag. */
const noTag = [
  'protocol/aead.js',
  'return gcm(key, nonce, aad).decrypt(sealed);',
  'return gcm(key, nonce, aad).encrypt(sealed.subarray(0, -TAG_BYTES)).subarray(0, -TAG_BYTES);',
] as const

export const mediaDefences: readonly Defence[] = [
  defence(15, 'what is negotiated is authenticated', noTag),
  defence(
    15,
    'what is negotiated is taken once and in order',
    [
      'protocol/ordered-channel.js',
      'if (seq < this.#expected ||',
      'if (seq === this.#expected - 1)\n            this.#take(packet);\n        if (seq < this.#expected ||',
    ],
    [SESSION, 'if (!fresh)', 'if (false)'],
  ),
  defence(15, 'the certificate of the other end is compared', [
    'peer/routes/node-connection.js',
    'fingerprint() === remote.fingerprint',
    'true',
  ]),
  defence(21, 'a frame has a tag', noTag),
  defence(22, 'a frame that came before is not used', [SESSION, 'if (!fresh)', 'if (false)']),
  defence(22, 'the window remembers what came', [WINDOW, 'if (word & mask)', 'if (false)']),
  defence(22, 'what is older than the window counts as seen', [
    WINDOW,
    'counter <= this.#highest - this.size',
    'false',
  ]),
  defence(22, 'only what is newer than all before on its route is a sign of life', [
    SESSION,
    'if (order <= (this.#highest.get(key) ?? -1))',
    'if (false)',
  ]),
  defence(
    23,
    'each direction has keys and KIDs of its own',
    ['protocol/handshake/key-schedule.js', '} b2a`, 64)', '} a2b`, 64)'],
    [SEALING, "const direction = keys.side === 'a' ? 0 : 1;", 'const direction = 0;'],
    [SEALING, "this.#direction = keys.side === 'a' ? 1 : 0;", 'this.#direction = 0;'],
  ),
  defence(23, 'each kind of packet is taken on its own stream alone', [
    SEALING,
    'streamOf(packet.value) !== stream',
    'false',
  ]),
  defence(
    24,
    'the call id is authenticated with each frame',
    ['protocol/sframe.js', 'const aad = concat(header, metadata);', 'const aad = header;'],
    [
      'protocol/sframe.js',
      'const aad = concat(frame.subarray(0, header.size), metadata);',
      'const aad = frame.subarray(0, header.size);',
    ],
  ),
  defence(24, 'the keys of each call are its own', noTag),
  defence(25, 'an epoch may be four ahead', [
    'protocol/epoch-chain.js',
    'number > this.#current + EPOCHS_AHEAD',
    'false',
  ]),
  defence(25, 'an epoch begins only after a frame of it opened', [
    SEALING,
    'const plaintext = epoch.key.open(',
    'chain.settle(number);\n        const plaintext = epoch.key.open(',
  ]),
  defence(26, 'what does not open is counted, and no more', [SESSION, 'if (!opened.ok)', 'if (false)']),
  defence(26, 'what is no frame does not open', noTag),
  defence(35, 'the word of the server that the other side left counts only if nothing is heard any more', [
    'peer/call/talking.js',
    "            on: { 'peer.heard': { target: 'present', reenter: true } },",
    "            on: { 'peer.heard': { target: 'present', reenter: true }, 'server.left': leftForGood },",
  ]),
]
