/** Logins: what is not signed by its key, for this very claim, is none. */

import { createIdentity, verify } from '../../../protocol/identity.js'
import { signLogin, verifyLogin } from '../../../protocol/login.js'
import { nodeVerify } from '../../../protocol/node-ed25519.js'
import { seeded } from '../../protocol/seeded.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

const identity = createIdentity(seeded('identity'))
const truth = {
  origin: 'ws://server.test',
  id: 'anna',
  challenge: new Uint8Array(32).fill(1),
  session: new Uint8Array(16).fill(2),
}
const signature = signLogin(identity, truth)

export const target: Target = {
  files: ['protocol/login.js', 'protocol/identity.js', 'protocol/node-ed25519.js'],
  maxBytes: 200,
  batch: 16,
  samples: [[0], [1, 3, 1], [2, 3, 1], [3, 3, 1], [4, 3, 1], [5, 0x41], [6, 1], [7, 32, 1, 2, 3], [8, 64], [9, 31]].map(
    choices => Uint8Array.from(choices),
  ),
  run(input) {
    const choices = new Choices(input)
    const what = choices.below(10)
    const changed = (bytes: Uint8Array) => {
      const copy = bytes.slice()
      copy[choices.byte() % copy.length]! ^= choices.byte()
      return copy
    }
    let [key, signed, claim] = [identity.publicKey, signature, truth]
    if (what === 1) key = changed(key)
    if (what === 2) signed = changed(signed)
    if (what === 3) claim = { ...claim, challenge: changed(claim.challenge) }
    if (what === 4) claim = { ...claim, session: changed(claim.session) }
    if (what === 5) claim = { ...claim, id: Buffer.from(choices.rest()).toString('latin1') }
    if (what === 6) claim = { ...claim, origin: Buffer.from(choices.rest()).toString('latin1') }
    if (what === 7) key = choices.bytes(choices.byte())
    if (what === 8) signed = choices.bytes(choices.byte())
    if (what === 9) claim = { ...claim, challenge: new Uint8Array(choices.byte()) }
    const same =
      Buffer.from(key).equals(identity.publicKey) &&
      Buffer.from(signed).equals(signature) &&
      claim.origin === truth.origin &&
      claim.id.toLowerCase() === truth.id &&
      Buffer.from(claim.challenge).equals(truth.challenge) &&
      Buffer.from(claim.session).equals(truth.session)
    for (const how of [verify, nodeVerify])
      holds(verifyLogin(key, claim, signed, how) === same, 'what was signed is a login, and nothing else')
    return `${what} ${same}`
  },
}
