import t from 'tap'
import { nodeAead } from '../../peer/node-aead.js'
import { type Aead, nobleAead } from '../../protocol/aead.js'
import { Opener, type Packet, Sealer } from '../../protocol/index.js'
import { SframeKey } from '../../protocol/sframe.js'
import { holdsAead, seededInputs } from '../protocol/aead-cases.js'
import { callKeys } from '../protocol/handshake/pair.js'
import { hex, unhex } from '../protocol/seeded.js'
import { SFRAME_FRAMES } from '../protocol/vectors/sframe-frames.js'

holdsAead(t, nodeAead)

t.test('gives the same bytes as the plain one, which opens them, and the other way round', async t => {
  for (const { key, nonce, aad, plaintext } of seededInputs()) {
    const sealed = nodeAead.seal(key, nonce, aad, plaintext)
    t.equal(hex(sealed), hex(nobleAead.seal(key, nonce, aad, plaintext)), `${key.length} and ${plaintext.length} bytes`)
    t.equal(hex(nobleAead.open(key, nonce, aad, sealed)!), hex(plaintext))
    t.equal(hex(nodeAead.open(key, nonce, aad, sealed)!), hex(plaintext))
  }
})

t.test('agrees with the plain one on each bit that is changed', async t => {
  const [{ key, nonce, aad, plaintext }] = seededInputs().slice(4) as [ReturnType<typeof seededInputs>[number]]
  const sealed = nodeAead.seal(key, nonce, aad, plaintext)
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const changed = sealed.slice()
    changed[bit >>> 3]! ^= 1 << (bit & 7)
    const opened = [nodeAead, nobleAead].map(aead => aead.open(key, nonce, aad, changed))
    if (opened.some(plaintext => plaintext !== null)) t.same(opened, [null, null], `bit ${bit}`)
  }
})

t.test('seals the published frames, which open under neither forgotten key', async t => {
  for (const { suite, kid, counter, baseKey, plaintext, metadata, frame } of SFRAME_FRAMES) {
    const key = new SframeKey(suite, kid, unhex(baseKey), nodeAead)
    t.equal(hex(key.seal(counter, unhex(plaintext), unhex(metadata))), frame)
    const header = { kid, counter, size: frame.length / 2 - plaintext.length / 2 - 16 }
    t.equal(hex(key.open(header, unhex(frame), unhex(metadata))!), plaintext)
    key.forget()
    t.equal(key.open(header, unhex(frame), unhex(metadata)), null)
  }
})

t.test('calls whoever seals with the plain one, over turns of the keys', async t => {
  const used: string[] = []
  const counted = (name: string, { seal, open }: Aead): Aead => ({
    seal: (...args) => {
      used.push(`${name} seals`)
      return seal(...args)
    },
    open: (...args) => {
      used.push(`${name} opens`)
      return open(...args)
    },
  })
  const pairs = [
    [nodeAead, nobleAead],
    [nobleAead, nodeAead],
  ] as const
  for (const [own, others] of pairs) {
    used.length = 0
    const { a, b } = callKeys()
    const sealer = new Sealer(a, { framesPerEpoch: 4, aead: counted('own', own) })
    const opener = new Opener(b, { framesPerEpoch: 4, aead: counted('other', others) })
    for (let n = 0; n < 20; n++) {
      const packet: Packet =
        n % 2 === 0
          ? { kind: 'voice', blocks: [{ at: n, opus: new Uint8Array(80).fill(n) }] }
          : { kind: 'probe', generation: 1, n, answer: false }
      const opened = opener.open(sealer.seal(packet))
      t.same(opened.ok && opened.value.packet, packet)
    }
    t.same(used, Array(20).fill(['own seals', 'other opens']).flat(), 'each frame by the one that was handed in')
  }
})
