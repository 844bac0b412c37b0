/** The server's core with two honest peers in a call, and a third that does anything at all: the call goes on. */
import { encodeSignaling } from '../../../protocol/signaling.js'
import { newIdentity } from '../../signaling/fake-client.js'
import { world } from '../../signaling/fake-world.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'
import { fromPeer } from './signaling-from-peer.js'

const [anna, ben, eve] = [newIdentity(), newIdentity(), newIdentity()]
const texts = fromPeer.map(encodeSignaling)
const MOST_STEPS = 60

export const target: Target = {
  files: [
    'hub',
    'registrar',
    'attendance',
    'requests',
    'calls',
    'relay',
    'connection',
    'lobby',
    'logins',
    'names',
    'token-bucket',
  ].map(file => `signaling/${file}.js`),
  maxBytes: 400,
  batch: 16,
  samples: [
    [1, 0, 1, 0, 2, 0, 4, 0, 5],
    [1, 2, 1, 2, 7, 3, 9, 1, 6, 3, 1, 0, 4, 5, 9, 123, 125, 5, 1, 65],
    [0, 2, 4, 1, 2, 3, 4, 0, 2, 6],
    [1, 7, 255, 7, 255, 2, 6, 6, 0, 0, 4, 3, 200],
  ].map(choices => Uint8Array.from(choices)),
  run(input) {
    const choices = new Choices(input)
    const { clock, hub, client } = world()
    const a = client('10.0.0.1').login({ id: 'anna', identity: anna }).say({ type: 'call', to: 'ben' })
    const b = client('10.0.0.2').login({ id: 'ben', identity: ben }).say({ type: 'call', to: 'anna' })
    const callId = a.last('matched')?.callId
    holds(callId !== undefined && callId === b.last('matched')?.callId, 'two who want each other are matched')
    const [e] = [client('10.0.0.3')]
    if (choices.below(2) === 1) e.login({ id: 'eve', identity: eve })
    for (let n = 0; n < MOST_STEPS && !choices.done; n++) {
      // A socket that is closed says nothing more.
      if (e.closed !== null) break
      switch (choices.below(8)) {
        case 0:
          e.raw(texts[choices.byte() % texts.length]!)
          break
        case 1:
          e.say({
            type: 'call',
            to: ['anna', 'ben', 'eve', 'none'][choices.below(4)],
            ...(choices.below(2) && { resume: callId }),
          })
          break
        case 2:
          e.say({ type: 'pass', callId, data: Buffer.from(choices.bytes(1 + choices.below(9))).toString('base64url') })
          break
        case 3:
          e.raw(choices.bytes(choices.below(40)))
          break
        case 4:
          e.raw(Buffer.from(choices.bytes(choices.byte())).toString('latin1'))
          break
        case 5:
          e.say({ type: 'login', v: choices.byte(), id: 'anna' })
          break
        case 6:
          e.say({ type: 'leave', reason: 'hungUp' })
          break
        case 7:
          clock.advance(choices.byte() * 20)
      }
    }
    const words = e.news().slice(-1)
    if (e.closed === null) e.hangUp()
    holds(a.closed === null && b.closed === null, 'the honest two are still there')
    a.say({ type: 'pass', callId, data: 'AAEC' })
    holds(
      b.last('pass')?.data === 'AAEC' && a.last('pass') === undefined,
      'what is passed comes to the other side alone',
    )
    const heard = b.voice.length
    a.leg.send(Uint8Array.of(1, 2, 3))
    holds(b.voice.length === heard + 1, 'voice goes on')
    holds(
      b.voice.every(frame => frame.join() === '1,2,3'),
      'nobody else is heard',
    )
    for (const one of [a, b]) one.hangUp()
    clock.advance(60_000)
    holds(hub.sockets === 0 && hub.peers === 0, 'nobody is left')
    return `${words.join(' ')} ${e.closed}`
  },
}
