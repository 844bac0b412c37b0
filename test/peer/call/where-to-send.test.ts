import t from 'tap'
import { type RouteState, whereToSend } from '../../../peer/call/where-to-send.js'

const states: RouteState[] = ['racing', 'relayed', 'trusted', 'doubtful', 'severed']

/** voice / control, for: nobody doubts; the other side does; the relay is forbidden; both. */
const table: Record<RouteState, readonly [string, string, string, string]> = {
  racing: ['/relay', '/relay', '/relay', '/relay'],
  relayed: ['relay/relay', 'relay/relay', '/relay', '/relay'],
  trusted: ['direct/direct', 'direct+relay/direct+relay', 'direct/direct', 'direct/direct+relay'],
  doubtful: ['direct+relay/direct+relay', 'direct+relay/direct+relay', 'direct/direct+relay', 'direct/direct+relay'],
  severed: ['direct+relay/direct+relay', 'direct+relay/direct+relay', 'direct/direct+relay', 'direct/direct+relay'],
}

for (const state of states) {
  t.test(`sends while ${state}`, async t => {
    const cases = [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const
    for (const [i, [peerDoubts, relayForbidden]] of cases.entries()) {
      const { voice, control, doubt } = whereToSend(state, peerDoubts, relayForbidden)
      const said = `the other doubts: ${peerDoubts}, relay forbidden: ${relayForbidden}`
      t.equal(`${voice.join('+')}/${control.join('+')}`, table[state][i], said)
      t.equal(
        doubt,
        state !== 'trusted',
        'asks for both whenever it does not trust the direct route, whatever the other asks',
      )
    }
  })
}
