import t from 'tap'
import { recordedPerson } from './recorded-call.js'
import { parseRecording, type Recording } from './recording.js'
import { type ReplayStep, replay } from './replay.js'
import { eventWords, leaves, timeline } from './timeline.js'
import { World } from './world.js'

/** A call with a cut, a side that goes dead, a crash of the server, a side that mutes and a goodbye. */
async function incident(seed: number): Promise<string> {
  const world = new World(seed)
  const { person: abc, text } = recordedPerson(world, 'open sesame')
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, 'open sesame')
  const talking = () => [abc, xyz].every(({ peer: { view } }) => view.state === 'talking' && view.route === 'relay')
  const must = async (ms: number) => {
    if (!(await world.until(talking, ms))) throw new Error(`they do not talk, seed ${seed}`)
  }
  await must(5_000)
  await world.run(12_000)
  abc.peer.do({ type: 'mute' })
  abc.cut()
  await world.run(2_000)
  await must(5_000)
  abc.peer.do({ type: 'unmute' })
  // The other's connection goes dead: ABC is severed, and looks for the server by a second socket.
  xyz.strand()
  await world.run(2_000)
  await must(5_000)
  world.server.crash()
  abc.cut()
  await world.run(7_000)
  world.server.start()
  await must(15_000)
  xyz.peer.do({ type: 'hangUp' })
  await world.run(5_000)
  if (abc.peer.view.reason !== 'peerHungUp') throw new Error(`ABC did not hear the goodbye, seed ${seed}`)
  return text()
}

const recorded = incident(1)

function read(text: string): Recording {
  const recording = parseRecording(text)
  if (!recording.ok) throw new Error(recording.error.message)
  return recording.value
}

const differing = (steps: readonly ReplayStep[]) =>
  steps.flatMap(({ differences }, i) => (differences.length > 0 ? [{ i, differences }] : []))

t.test('reaches every state of a recorded call again, with what changed and what was raised', async t => {
  const recording = read(await recorded)
  const steps = replay(recording)
  t.strictSame(differing(steps), [])
  t.equal(steps.length, recording.lines.length)
  const states = recording.lines.map(({ to }) => to).join('\n')
  for (const state of [/quiet\.silent/, /doubted/, /reconnecting/, /microphone\.muted/, /call\.ended/])
    t.match(states, state)
  t.ok(
    recording.lines.some(({ heard = 0 }) => heard > 50),
    'signs of life were counted',
  )
  t.comment(`${steps.length} lines, ${(await recorded).length} bytes`)
})

t.test('holds neither password nor keys nor code', async t => {
  t.notMatch(await recorded, /open sesame|"code":"[A-Z2-7]{6}"|"data":"[\w-]+"/)
})

t.test('says what the actors were told', async t => {
  const told = replay(read(await recorded)).flatMap(({ told }) => told)
  t.equal(told[0], 'link dial 1')
  for (const line of ['link adopt 1', 'session starts', 'sound muted muted', 'sound muted not-muted', 'link close'])
    t.ok(told.includes(line), line)
  t.ok(told.some(words => /^session bye/.test(words)))
  t.equal(told.filter(words => words === 'session starts').length, 1, 'one session, whatever happened')
})

t.test('finds each line that was tampered with', async t => {
  const text = await recorded
  const rows = text.split('\n')
  const tampered = (find: RegExp, from: string | RegExp, to: string) => {
    const at = rows.findIndex((row, i) => i > 0 && find.test(row))
    const changed = rows.map((row, i) => (i === at ? row.replace(from, to) : row))
    t.not(changed[at], rows[at], `line ${at + 1} was changed`)
    return { line: at - 1, found: differing(replay(read(changed.join('\n')))) }
  }
  const state = tampered(/call\.agreeing/, /"to":"[^"]*"/, '"to":"call.ended signaling.closed"')
  t.match(state.found, [
    { i: state.line, differences: [/^to was call\.ended signaling\.closed, now is call\.agreeing/] },
  ])
  const field = tampered(/"type":"agreement.agreed"/, '"verified":true', '"verified":false')
  t.match(field.found, [{ i: field.line, differences: [/^changed was .*verified: false.*, now is .*verified: true/] }])
  const event = tampered(/"type":"mute"/, '"type":"mute"', '"type":"unmute"')
  t.equal(event.found[0]?.i, event.line, 'an event that was another shows at its line first')
  const call = tampered(/"type":"server.matched"/, /"callId":"[^"]*"/, '"callId":"other"')
  t.ok(call.found.length > 0)
})

t.test('finds a line that is missing', async t => {
  const rows = (await recorded).split('\n')
  const at = rows.findIndex(row => /"type":"agreement.agreed"/.test(row))
  t.ok(differing(replay(read(rows.toSpliced(at, 1).join('\n')))).length > 0)
})

t.test('replays whatever is in a file: events without their fields, failures of an actor', async t => {
  const { lines, ...rest } = read(await recorded)
  const bare = lines.map(line => ({ ...line, event: { type: line.event.type } }))
  t.ok(differing(replay({ ...rest, lines: bare })).length > 0)
  const failure = { ...lines[5]!, event: { type: 'xstate.error.actor.link', error: 'it broke' } }
  const steps = replay({ ...rest, lines: lines.toSpliced(5, 0, failure) })
  t.ok(differing(steps).length >= lines.length - 5, 'nothing goes on after a failure')
  t.match(timeline({ ...rest, lines }, steps).at(-1), /were not reached again/)
  const empty = { ...rest, lines: [] }
  t.equal(timeline(empty, replay(empty)).at(-1), 'Nothing was recorded.')
})

t.test('tells the same recording in the same words', async t => {
  const lines = () => recorded.then(read).then(recording => timeline(recording, replay(recording)))
  const [first, again] = [await lines(), await lines()]
  t.strictSame(first, again)
  t.equal(await incident(1), await recorded, 'and the same seed gives the same recording')
  t.equal(first[0], 'ABC calls XYZ, route auto; recorded by version 0.0.0')
  t.match(first[1], /^ {7}0\.0 {2}start$/)
  t.match(
    first.join('\n'),
    /server\.online 1\n +signaling: connecting\.dialling -> online\.steady\.listening\n +sets link 1\n/,
  )
  t.match(first.at(-1), /^All \d+ recorded states were reached again\.$/)
})

t.test('lets no control code of a recording through to the terminal', async t => {
  const event = { type: 'server.error', name: 'odd', message: 'a\u001b[2Jb\nc' }
  const rows = (await recorded).split('\n').slice(0, 2)
  const state = 'call.waiting signaling.connecting.dialling'
  rows.push(JSON.stringify({ t: 1, event, from: state, to: state, ignored: true }), '')
  const recording = read(rows.join('\n'))
  t.match(timeline(recording, replay(recording)).at(-2), /server\.error odd a\?\[2Jb\?c \(ignored\)$/)
})

t.test('reads what was broken off, up to there', async t => {
  const text = await recorded
  const recording = read(text.slice(0, -20))
  t.equal(recording.broken, true)
  t.equal(recording.lines.length, read(text).lines.length - 1)
  t.match(timeline(recording, replay(recording)).at(-2), /broken off/)
})

t.test('refuses what is no recording, and names the line', async t => {
  const rows = (await recorded).split('\n')
  t.match(parseRecording(''), { ok: false, error: { name: 'notARecording' } })
  t.match(parseRecording('{"inspect":2}\n'), { ok: false, error: { name: 'notARecording' } })
  t.match(parseRecording(rows.toSpliced(3, 1, 'no JSON').join('\n')), { ok: false, error: { message: /Line 4 / } })
  for (const type of ['*', 'xstate.stop', 'xstate.init'])
    t.match(
      parseRecording(rows.toSpliced(3, 1, JSON.stringify({ t: 0, event: { type }, from: '', to: '' })).join('\n')),
      { ok: false, error: { name: 'badLine' } },
      type,
    )
})

t.test('writes events and states for people', async t => {
  t.equal(eventWords({ type: 'xstate.after.quiet.voicechat.call.joined' }), 'after quiet of call.joined')
  t.equal(eventWords({ type: 'xstate.after.wait.waiting' }), 'after wait of waiting')
  t.equal(eventWords({ type: 'peer.status', muted: false, wants: 'auto' }), 'peer.status not-muted auto')
  t.strictSame(leaves('call.a(b.c d(e.f g)) signaling.h'), ['call.a.b.c', 'call.a.d.e.f', 'call.a.d.g', 'signaling.h'])
})
