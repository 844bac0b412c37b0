/**
 * SFrame encryption, published with RFC 9605 (appendix C.3), the two suites that are written here: github.com/sframe-wg/sframe,
 * test-vectors/test-vectors.json at 3d07d8f. Bytes in hex.
 */
export const SFRAME_FRAMES = [
  {
    suite: 0x0004,
    kid: 291n,
    counter: 17767n,
    baseKey: '000102030405060708090a0b0c0d0e0f',
    key: 'd34f547f4ca4f9a7447006fe7fcbf768',
    salt: '75234edefe07819026751816',
    metadata: '4945544620534672616d65205747',
    nonce: '75234edefe07819026755d71',
    plaintext: '64726166742d696574662d736672616d652d656e63',
    frame: '9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb',
  },
  {
    suite: 0x0005,
    kid: 291n,
    counter: 17767n,
    baseKey: '000102030405060708090a0b0c0d0e0f',
    key: 'd3e27b0d4a5ae9e55df01a70e6d4d28d969b246e2936f4b7a5d9b494da6b9633',
    salt: '84991c167b8cd23c93708ec7',
    metadata: '4945544620534672616d65205747',
    nonce: '84991c167b8cd23c9370cba0',
    plaintext: '64726166742d696574662d736672616d652d656e63',
    frame: '990123456794f509d36e9beacb0e261d99c7d1e972f1fed787d4049f17ca21353c1cc24d56ceabced279',
  },
] as const
