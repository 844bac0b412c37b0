import t from 'tap'
import { utf8 } from '../../protocol/bytes.js'
import { fingerprintOf } from '../../protocol/fingerprint.js'

t.test('is the SHA-256 in base32, in groups', async t => {
  // FIPS 180-4, example "abc": ba7816bf...f20015ad; its base32 by coreutils 9.
  t.equal(fingerprintOf(utf8('abc')), 'XJ4B-NP4P-AHH6-UQKB-IDPF-3LRC-EOYA-GYND-SYLX-VHFU-CD7W-D4QA-CWWQ')
  t.match(fingerprintOf(new Uint8Array(32)), /^([A-Z2-7]{4}-){12}[A-Z2-7]{4}$/)
})
