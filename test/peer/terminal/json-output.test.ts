import t from 'tap'
import { AudioProblem } from '../../../peer/audio/audio.js'
import { JsonOutput } from '../../../peer/terminal/json-output.js'
import { invitationOf } from '../../../peer/terminal/one-time/invitation.js'
import { matchAll } from '../match-all.js'
import { stats, talking, view, wholeCall } from './views.js'

function output(verbose = false) {
  const lines: string[] = []
  const notes: string[] = []
  let now = 1_760_000_000_000
  const it = new JsonOutput(
    text => lines.push(text),
    text => notes.push(text),
    verbose,
    () => now++,
  )
  /** What was printed since the last time this was asked. */
  const taken = () => {
    t.ok(
      lines.every(line => /^\{.*\}\n$/.test(line)),
      'one object a line',
    )
    return lines.splice(0).map(line => JSON.parse(line))
  }
  return { it, taken, notes }
}

t.test('tells a whole call in order, each change once', async t => {
  const { it, taken } = output()
  for (const each of wholeCall) it.view(each)
  t.same(
    taken().map(({ t: _, ...event }) => event),
    [
      { event: 'state', state: 'connecting', route: null },
      { event: 'state', state: 'waiting', route: null },
      { event: 'state', state: 'agreeing', route: null },
      { event: 'verify', how: 'password', verified: true, code: 'ABCDEF' },
      { event: 'state', state: 'talking', route: null },
      { event: 'state', state: 'talking', route: 'relay' },
      { event: 'state', state: 'talking', route: null, reason: 'silent' },
      { event: 'state', state: 'talking', route: 'relay' },
      { event: 'state', state: 'ending', route: null, reason: 'hungUp' },
      { event: 'state', state: 'ended', route: null, reason: 'hungUp' },
    ],
  )
})

t.test('says when', async t => {
  const { it, taken } = output()
  it.view(view())
  it.view(view({ state: 'waiting' }))
  matchAll(t, taken(), [{ t: 1_760_000_000_000 }, { t: 1_760_000_000_001 }])
})

t.test('tells how sure it is before it tells of talking, and again on change', async t => {
  const { it, taken } = output()
  const code = { mode: 'code', verified: false } as const
  it.view(talking(code))
  matchAll(t, taken(), [
    { event: 'verify', how: 'code', verified: false, code: 'ABCDEF' },
    { event: 'state', state: 'talking' },
  ])
  it.view(talking(code))
  t.same(taken(), [])
  it.view(talking({ ...code, verified: true }))
  matchAll(t, taken(), [{ event: 'verify', how: 'code', verified: true, code: 'ABCDEF' }])
  it.view(view({ state: 'agreeing', mode: 'code', code: 'ABCDEF', verified: true }))
  it.view(talking({ ...code, code: 'GHIJKL' }))
  matchAll(
    t,
    taken(),
    [{ state: 'agreeing' }, { event: 'verify', verified: false, code: 'GHIJKL' }, { state: 'talking' }],
    'keys agreed anew',
  )
})

t.test('tells of one who is known, and since when', async t => {
  const { it, taken } = output()
  it.view(talking({ how: 'pinned', since: 7_000 }))
  t.match(taken()[0], { event: 'verify', how: 'pinned', verified: true, since: 7_000 })
  it.view(talking())
  t.notOk('since' in (taken()[0] ?? {}))
})

t.test('tells who records, on each change', async t => {
  const { it, taken } = output()
  it.view(view({ recording: true }))
  taken()
  it.view(talking({ recording: true }))
  it.view(talking({ recording: true }))
  it.view(talking({ recording: true, peerRecording: true }))
  it.view(talking({ peerRecording: true }))
  t.match(
    taken().filter(({ event }) => event === 'recording'),
    [
      { own: true, peer: false },
      { own: true, peer: true },
      { own: false, peer: true },
    ],
  )
})

t.test('never tells of a code before there are keys', async t => {
  const { it, taken } = output()
  for (const state of ['connecting', 'waiting', 'agreeing'] as const) it.view(view({ state }))
  t.notOk(taken().some(({ event }) => event === 'verify'))
})

t.test('tells figures', async t => {
  const { it, taken } = output()
  it.stats(stats())
  t.same(taken(), [{ event: 'stats', t: 1_760_000_000_000, ...stats() }])
})

t.test('tells problems', async t => {
  const { it, taken } = output()
  it.problem({ name: 'deviceLost', message: 'It\nis "gone".', hint: '' })
  t.same(taken(), [{ event: 'error', t: 1_760_000_000_000, name: 'deviceLost', message: 'It\nis "gone".', hint: '' }])
})

t.test('tells of devices and costs only when asked for more', async t => {
  const devices = { microphone: { name: 'm', startedAt: 1 }, speaker: { name: 's', startedAt: 2 } }
  for (const verbose of [false, true]) {
    const { it, taken } = output(verbose)
    it.devices(devices)
    matchAll(t, taken(), verbose ? [{ event: 'devices', ...devices }] : [])
  }
})

t.test('tells of devices that go and come back', async t => {
  const { it, taken } = output()
  const problem = new AudioProblem('deviceLost', 'It went away.', 'Plug it in.')
  it.device({ device: 'speaker', name: 's', label: 'L s', change: 'lost', problem })
  it.device({ device: 'speaker', name: 's', label: 'L s', change: 'back' })
  t.same(
    taken().map(({ t: _, ...event }) => event),
    [
      {
        event: 'device',
        device: 'speaker',
        change: 'lost',
        name: 's',
        label: 'L s',
        message: 'It went away.',
        hint: 'Plug it in.',
      },
      { event: 'device', device: 'speaker', change: 'back', name: 's', label: 'L s' },
    ],
  )
})

t.test('writes what is for people elsewhere', async t => {
  const { it, taken, notes } = output()
  it.note('XYZ joins with: ...')
  it.close()
  t.same(taken(), [])
  t.same(notes, ['XYZ joins with: ...\n'])
})

t.test('tells the code of a one-time call in an event of its own, and nowhere else', async t => {
  const { it, taken, notes } = output()
  const server = 'ws://server.test:9001'
  it.invite(invitationOf({ side: 'inviter', number: 7, code: '7-orbit-maple' }, server))
  const command = `npx voicechat-peer --code 7-orbit-maple --server ${server}`
  t.match(taken(), [{ event: 'code', code: '7-orbit-maple', command }])
  for (const each of wholeCall) it.view(each)
  t.notMatch(JSON.stringify([taken(), notes]), /orbit|maple/)
})
