import t, { type Test } from 'tap'
import { endReasons } from '../../../peer/call/events.js'
import type { CallState } from '../../../peer/call/view.js'
import { duration, endSentence, stateSentence, verifySentence } from '../../../peer/terminal/sentences.js'
import { NAMES, talking, view } from './views.js'

/** Whole, with nothing of the program in it. */
function isSentence(t: Test, text: string): void {
  t.match(
    text,
    /^(You|The|There|XYZ|Not|Make|Call|Type|Check|Try|Plug|Leave|If|A |Verified|Talking|Waiting|Hanging|Connecting)/,
    text,
  )
  t.match(text, /(\.| \.\.\.|[A-Z2-7]{6})$/, 'is finished')
  t.match(text, /^(?!.*(undefined|null|NaN|\[object|\s\s|\n)).*$/, 'holds no leftovers')
}

t.test('has a sentence for each state', async t => {
  const expected: Record<CallState, RegExp | null> = {
    connecting: /^Connecting to ws:\/\/server\.test:9001 \.\.\.$/,
    waiting: /^Waiting for XYZ \.\.\.$/,
    agreeing: /^XYZ is there; agreeing on keys/,
    talking: /^Talking with XYZ over the relay\.$/,
    ending: /^Hanging up/,
    ended: null,
  }
  for (const [state, pattern] of Object.entries(expected)) {
    const sentence = stateSentence(talking({ state: state as CallState }), NAMES)
    if (!pattern) t.equal(sentence, null)
    else {
      t.match(sentence, pattern)
      isSentence(t, sentence ?? '')
    }
  }
  t.match(stateSentence(view({ state: 'waiting', reconnecting: true }), NAMES), /server is gone; looking/)
  t.match(stateSentence(talking({ route: 'direct' }), NAMES), /over the direct route/)
  t.match(stateSentence(talking({ silent: true }), NAMES), /^XYZ is silent: .*30 seconds/)
  t.equal(stateSentence(talking({ route: null }), NAMES), null, 'nothing to say between two routes')
})

t.test('says how sure one can be', async t => {
  t.match(verifySentence(talking(), NAMES), /^Verified: XYZ knows the password/)
  const since = new Date(2026, 4, 3, 12).getTime()
  t.match(
    verifySentence(talking({ how: 'pinned', since }), NAMES),
    /^Verified: XYZ has the key that you know since 3 May 2026\. Nobody in between/,
  )
  const code = verifySentence(talking({ mode: 'code', verified: false }), NAMES)
  t.match(code, /^Not verified yet: read this code to each other.*ABCDEF$/)
  t.match(verifySentence(talking({ mode: 'code' }), NAMES), /^Verified: you compared the code ABCDEF with XYZ\.$/)
})

t.test('has a sentence for each end, with or without a detail', async t => {
  const expected = {
    hungUp: /^You hung up\.$/,
    peerHungUp: /^XYZ hung up\.$/,
    busy: /^XYZ is in another call\.$/,
    refused: /^The server refused/,
    unverified: /^Not verified: XYZ could not confirm/,
    vanished: /^XYZ vanished: nothing was heard from there for 30 seconds\.$/,
    nobodyCame: /^XYZ did not come\.$/,
    serverLost: /^The server ws:\/\/server\.test:9001 cannot be reached\.$/,
    deviceLost: /^A sound device went away\.$/,
    noRoute: /^There is no way to XYZ/,
  }
  for (const reason of endReasons) {
    const { message, hint } = endSentence(reason, null, NAMES)
    t.match(message, expected[reason])
    isSentence(t, message)
    const friendly = reason === 'hungUp' || reason === 'peerHungUp'
    t.equal(hint === '', friendly, `${reason}: ${friendly ? 'there is nothing to do' : 'what to do'}`)
    if (hint) isSentence(t, hint)
  }
  t.equal(endSentence('refused', 'The id is taken.', NAMES).message, 'The id is taken.')
  t.match(
    endSentence('unverified', 'The two passwords differ.', NAMES).message,
    /^Not verified: The two passwords differ\.$/,
  )
  t.match(endSentence('serverLost', 'nothing answers there', NAMES).message, /reached: nothing answers there\.$/)
  t.match(endSentence('deviceLost', 'The headset is gone.', NAMES).message, /^The headset is gone\.$/)
})

t.test('writes times as clocks do', async t => {
  const cases: [number, string][] = [
    [-5, '00:00'],
    [0, '00:00'],
    [999, '00:00'],
    [42_000, '00:42'],
    [599_999, '09:59'],
    [3_599_999, '59:59'],
    [3_600_000, '1:00:00'],
    [3_642_000, '1:00:42'],
    [90_061_000, '25:01:01'],
  ]
  for (const [ms, text] of cases) t.equal(duration(ms), text)
})
