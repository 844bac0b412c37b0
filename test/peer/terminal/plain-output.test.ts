import t from 'tap'
import { PlainOutput } from '../../../peer/terminal/plain-output.js'
import { matchAll } from '../match-all.js'
import { NAMES, stats, talking, view, wholeCall } from './views.js'

function output() {
  let text = ''
  const clock = { now: 0 }
  const it = new PlainOutput(
    line => {
      text += line
    },
    NAMES,
    () => clock.now,
  )
  const taken = () => {
    const lines = text.split('\n')
    text = ''
    t.equal(lines.pop(), '', 'ends with a newline')
    return lines
  }
  return { it, taken, clock }
}

t.test('tells a whole call, each sentence once', async t => {
  const { it, taken } = output()
  for (const each of wholeCall) it.view(each)
  const patterns = [
    /^Connecting to ws:\/\/server.test:9001/,
    /^Waiting for XYZ/,
    /^XYZ is there; agreeing/,
    /^Verified: XYZ knows the password/,
    /^Talking with XYZ over the relay/,
    /^Your microphone is muted/,
    /^XYZ is silent/,
    /^Your microphone is open/,
    /^Talking with XYZ over the relay/,
    /^XYZ is muted/,
    /^Hanging up/,
  ]
  const lines = taken()
  t.equal(lines.length, patterns.length, lines.join(' / '))
  // The microphone's sentence may come before or after the state's: each is there.
  for (const pattern of patterns)
    t.ok(
      lines.some(line => pattern.test(line)),
      String(pattern),
    )
  t.ok(
    lines.findIndex(line => /^Verified/.test(line)) < lines.findIndex(line => /^Talking/.test(line)),
    'how sure it is comes before the talking',
  )
})

t.test('shows the code once, and again when it changes', async t => {
  const { it, taken } = output()
  const code = { mode: 'code', verified: false } as const
  for (let i = 0; i < 3; i++) it.view(talking(code))
  matchAll(t, taken(), [/Not verified yet.*ABCDEF$/, /Talking/])
  it.view(talking({ ...code, verified: true }))
  matchAll(t, taken(), [/Verified: you compared the code ABCDEF/])
  it.view(view({ state: 'agreeing', mode: 'code', code: 'ABCDEF', verified: true }))
  it.view(talking({ ...code, code: 'GHIJKL' }))
  matchAll(t, taken(), [/agreeing/, /Not verified yet.*GHIJKL$/, /Talking/])
})

t.test('tells who records, once, and when that ends', async t => {
  const { it, taken } = output()
  it.view(view({ recording: true }))
  taken()
  for (let i = 0; i < 2; i++) it.view(talking({ recording: true, peerRecording: true, muted: true, route: null }))
  const lines = taken()
  t.same(
    lines.filter(line => /record/.test(line)),
    ['You are recording this call, and XYZ is told.', 'XYZ is recording this call.'],
  )
  it.view(view({ state: 'agreeing', recording: true, peerRecording: true }))
  it.view(talking({ recording: true, peerRecording: true, muted: true, route: null }))
  t.notMatch(taken().join('\n'), /record/, 'new keys are no news of it')
  it.view(talking({ muted: true, route: null }))
  t.same(taken(), ['The recording has ended.', 'XYZ no longer records this call.'])
})

t.test('tells a problem and what to do on one line', async t => {
  const { it, taken } = output()
  it.problem({ name: 'x', message: 'It is gone.', hint: 'Plug it in.' })
  it.problem({ name: 'x', message: 'It is gone.', hint: '' })
  t.same(taken(), ['It is gone. Plug it in.', 'It is gone.'])
})

t.test('lets no control codes through, whoever wrote the sentence', async t => {
  const { it, taken } = output()
  it.note('a\x1b[2Jb\rc\nd\x07e\x9bf\u202eg')
  it.problem({ name: 'x', message: 'No\x1b]0;title\x07.', hint: '\x08' })
  t.same(taken(), ['a [2Jb c d e f g', 'No ]0;title .  '])
})

t.test('tells what others see drawn: who is muted, how loud, and when the sound is poor for long', async t => {
  const { it, taken, clock } = output()
  it.view(talking())
  taken()
  it.view(talking({ peerMuted: true }))
  it.view(talking({ peerMuted: true }))
  it.view(talking())
  it.volume(110)
  matchAll(t, taken(), [/^XYZ is muted\.$/, /^XYZ is no longer muted\.$/, /^Volume 110 %\.$/])
  let framesLost = 0
  const second = (lost: number) => {
    framesLost += lost
    clock.now += 1_000
    it.stats(stats({ framesLost }))
  }
  for (let n = 0; n < 20; n++) second(0)
  t.same(taken(), [])
  for (let n = 0; n < 20; n++) second(25)
  matchAll(t, taken(), [/^The sound from XYZ is poor: much of it gets lost on the way\.$/])
  for (let n = 0; n < 20; n++) second(0)
  matchAll(t, taken(), [/^The sound from XYZ is good again\.$/])
})
