import t from 'tap'
import { endReasons } from '../../../../peer/call/events.js'
import { invitationLines, invitationOf, wrapCommand } from '../../../../peer/terminal/one-time/invitation.js'
import { nobodyIsThere, type OneTimeSide, oneTimeEndSentence } from '../../../../peer/terminal/one-time/sentences.js'
import { THE_OTHER_SIDE } from '../../../../peer/terminal/peer-name.js'
import { recordingSentences, stateSentence, verifySentence } from '../../../../peer/terminal/sentences.js'
import { talking, view } from '../views.js'

const names = { own: '7.a', peer: THE_OTHER_SIDE, server: 'ws://server.test:9001' }
const inviter: OneTimeSide = { side: 'inviter', number: 7, code: '7-orbit-maple' }
const guest: OneTimeSide = { ...inviter, side: 'guest' }
const said = (side: OneTimeSide, reason: (typeof endReasons)[number], talked = false, detail: string | null = null) => {
  const { message, hint } = oneTimeEndSentence(side, { reason, detail, talked }, names)
  return `${message} ${hint}`.trim()
}

t.test('no sentence names an id, holds a word of the code, or begins small', async t => {
  const none = { recording: false, peerRecording: false }
  const sentences = [
    ...endReasons.flatMap(reason =>
      [inviter, guest].flatMap(side => [
        said(side, reason),
        said(side, reason, true),
        said(side, reason, true, 'It broke'),
      ]),
    ),
    ...(['connecting', 'waiting', 'agreeing', 'talking', 'ending'] as const).map(state =>
      stateSentence(view({ state, route: 'relay' }), names),
    ),
    stateSentence(talking({ silent: true }), names),
    verifySentence(talking(), names),
    ...recordingSentences(none, { recording: true, peerRecording: true }, names),
    ...recordingSentences({ recording: true, peerRecording: true }, none, names),
    nobodyIsThere(guest),
  ]
  for (const sentence of sentences) {
    t.match(sentence, /^[A-Z]/)
    t.notMatch(sentence, /7\.[ab]|orbit|maple|null|undefined/)
  }
})

t.test('a wrong code is dead, and each side is told what to do', async t => {
  t.match(
    said(inviter, 'unverified'),
    /wrong code.* Nothing was said or played\. The code is dead\. Make a new code with --new\./,
  )
  t.match(said(guest, 'unverified'), /The code is dead\. Ask the other side for a new code\./)
  t.match(said(guest, 'unverified', false, 'The two passwords differ.'), /wrong code/, 'there is no password')
  t.notMatch(said(inviter, 'unverified', true), /Nothing was said/)
})

t.test('leaving while it waits kills the code of whoever made it', async t => {
  t.match(said(inviter, 'hungUp'), /The code is dead/)
  t.equal(said(inviter, 'hungUp', true), 'You hung up.')
  t.equal(said(guest, 'hungUp'), 'You hung up.')
})

t.test('nobody came: to the one who waits, and to the one who came with a number', async t => {
  t.match(said(inviter, 'nobodyCame'), /^The other side did not come, and the code is dead\. .*--new.*--wait/)
  t.match(said(guest, 'nobodyCame'), /^Nobody is there with the number 7\. .*ws:\/\/server\.test:9001/)
  t.match(said(guest, 'nobodyCame', false, 'it is not there'), /cannot be reached: it is not there/)
})

t.test('tells the code, how long it is good, and the whole command', async t => {
  const server = 'wss://voice.example.org'
  t.same(invitationLines(invitationOf(inviter, server)), [
    '',
    '    7-orbit-maple',
    '',
    'Good for one call and one try, as long as this program waits.',
    `The other side joins with:  npx voicechat-peer --code 7-orbit-maple --server ${server}`,
  ])
  t.match(invitationLines(invitationOf(inviter, server, 90))[3], /for 90 seconds\.$/)
  t.match(invitationLines(invitationOf(inviter, server, 1))[3], /for 1 second\.$/)
})

t.test('a command in several lines is the same one to a shell', async t => {
  const { command } = invitationOf(inviter, 'ws://192.168.178.23:9001')
  for (let width = 20; width < 90; width++) {
    const lines = wrapCommand(command, width)
    t.equal(lines.join('\n').replaceAll(/ \\\n +/g, ' '), command)
    const longestWord = Math.max(...command.split(' ').map(word => word.length))
    t.ok(Math.max(...lines.map(line => line.length)) <= Math.max(width, longestWord + 4), `${width}`)
  }
  t.same(wrapCommand(command, 79), [command])
})
