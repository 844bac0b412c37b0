/** What costs most in the first second of a call is that nothing of it has run before. Whoever waits has the time to rehearse. */
import { Handshake } from '../../protocol/handshake/handshake.js'
import type { CallKeys } from '../../protocol/handshake/key-schedule.js'
import { createIdentity, type Identity, type Verify } from '../../protocol/identity.js'
import type { Random } from '../../protocol/random.js'
import { Opener, Sealer, type SealingOptions } from '../../protocol/sealing.js'

/** Half a second of voice each way. */
const FRAMES = 25

/** What the call to come will use. */
export interface AsInTheCall {
  readonly sealing?: SealingOptions
  readonly verify?: Verify
  readonly newIdentity?: () => Identity
}

/**
 * Two made-up people agree on keys and seal voice for each other, in memory; nothing of it is kept. Takes about as long as two
 * first key agreements (0.1 to 0.2 s), in which this thread does nothing else. Returns whether they
 * understood each other.
 */
export function rehearse(
  random: Random,
  { sealing = {}, verify, newIdentity = () => createIdentity(random) }: AsInTheCall = {},
): boolean {
  const callId = random(16)
  const person = (ownId: string, peerId: string) =>
    new Handshake({ ownId, peerId, callId, password: 'rehearsal', identity: newIdentity(), random, verify })
  const keys: CallKeys[] = []
  let [from, to] = [person('a', 'b'), person('b', 'a')]
  for (let flight = from.start(); flight; [from, to] = [to, from]) {
    const step = to.receive(flight)
    if (step.kind === 'done') keys.push(step.keys)
    flight = step.kind === 'send' ? step.bytes : step.kind === 'done' ? step.send : null
  }
  const [one, other] = keys
  return one !== undefined && other !== undefined && talks(one, other, sealing) && talks(other, one, sealing)
}

function talks(speaker: CallKeys, listener: CallKeys, sealing: SealingOptions): boolean {
  const sealer = new Sealer(speaker, sealing)
  const opener = new Opener(listener, sealing)
  const opus = new Uint8Array(80)
  const heard = Array.from({ length: FRAMES }, (_, at) => {
    return opener.open(sealer.seal({ kind: 'voice', blocks: [{ at, opus }] }))
  })
  return heard.every(frame => frame.ok && frame.value.fresh)
}
