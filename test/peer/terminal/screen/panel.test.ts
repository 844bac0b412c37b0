import fc from 'fast-check'
import t from 'tap'
import type { CallView } from '../../../../peer/call/view.js'
import { invitationOf } from '../../../../peer/terminal/one-time/invitation.js'
import { THE_OTHER_SIDE } from '../../../../peer/terminal/peer-name.js'
import { ASCII, UNICODE } from '../../../../peer/terminal/screen/glyphs.js'
import { textOf, widthOf } from '../../../../peer/terminal/screen/line.js'
import { panel } from '../../../../peer/terminal/screen/panel.js'
import type { Shown } from '../../../../peer/terminal/screen/shown.js'
import { NAMES, stats, view, wholeCall } from '../views.js'
import { qualities, shown } from './shown.js'

/** The screen as text, for a size written as columns x rows. */
function text(what: Shown, size: string, glyphs = UNICODE): string[] {
  const [columns = 0, rows = 0] = size.split('x').map(Number)
  return panel(what, { columns, rows }, glyphs).map(textOf)
}

const server = 'ws://192.168.178.123:9001'
const nameless = { ...NAMES, peer: THE_OTHER_SIDE }
const inviting = (change: Partial<CallView> = {}) =>
  shown(
    {},
    {
      view: view({ state: 'waiting', presence: 'absent', ...change }),
      names: nameless,
      invitation: invitationOf({ side: 'inviter', number: 7, code: '7-orbit-maple' }, server),
    },
  )

const byCode: Partial<CallView> = { mode: 'code', verified: false, route: 'direct' }

t.test('shows in 80 columns who, how sure, both voices, route, delay, quality and keys', async t => {
  t.same(text(shown(byCode), '80x24'), [
    '── XYZ ── NOT VERIFIED ─────────────────────────────────────────────── 00:42 ──',
    '  Code     ABCDEF  The same on both sides? Press [v]',
    '  You      ━━━━━━━━━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┃┄┄┄┄┄┄┄ -30 dB',
    '  XYZ      ━━━━━━━━━━┃┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ -45 dB  volume 100 %',
    '  Route    direct, host to reflexive',
    '  Delay    42 ms round trip, buffer 40 ms, jitter 3 ms',
    '  Quality  █▆█┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄  good  concealed 1 %  loss 0.4 %',
    '  [m] mute  [space] push to talk  [+][-] volume  [v] codes match  [q] hang up',
  ])
  t.same(text(shown({ route: 'relay' }), '80x24'), [
    '── XYZ ── verified by password ─────────────────────────────────────── 00:42 ──',
    '  You      ━━━━━━━━━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┃┄┄┄┄┄┄┄ -30 dB',
    '  XYZ      ━━━━━━━━━━┃┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ -45 dB  volume 100 %',
    '  Route    relay, over the server',
    '  Delay    42 ms round trip, buffer 40 ms, jitter 3 ms',
    '  Quality  █▆█┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄  good  concealed 1 %  loss 0.4 %',
    '  [m] mute  [space] push to talk  [+][-] volume  [q] hang up',
  ])
})

t.test('says since when one is known, where there is room for it beside the name', async t => {
  const known: Partial<CallView> = { how: 'pinned', since: new Date(2026, 8, 23, 12).getTime() }
  const head = (change: Partial<CallView>, size: string) => text(shown({ ...known, ...change }), size)[0]
  t.match(head({}, '80x24'), /^── XYZ ── verified \(known since 23 September 2026\) ─+ 00:42 ──$/)
  t.match(head({ peerRecording: true }, '80x24'), /^── XYZ ── verified( \(known .*\))? ── RECORDS ─/)
  for (const columns of [20, 40, 60, 64, 68])
    t.match(
      head({}, `${columns}x24`),
      /^(── )?XYZ (── verified( \(known since 23 September 2026\))? )?─/,
      `${columns} columns`,
    )
  t.match(head({}, '60x24'), / verified /)
})

t.test('shows the same in 40 columns, in fewer words', async t => {
  t.same(text(shown(byCode), '40x15'), [
    '── XYZ ── NOT VERIFIED ─────── 00:42 ──',
    '  Code     ABCDEF  same? [v]',
    '  You      ━━━━━━━━━━╸┄┄┄┄┄┃┄┄┄┄ -30 dB',
    '  XYZ      ━━━━━┃┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ -45 dB',
    '  Route    direct, host to reflexive',
    '  Delay    RTT 42 ms, buffer 40 ms',
    '  Quality  ▆┄┄┄┄┄┄┄┄┄  good  loss 0.4 %',
    '  [m] mute  [v] same  [?] keys  [q] end',
  ])
})

t.test('tells as many keys as there is room for', async t => {
  const keys = (change: Partial<CallView>, size: string) => text(shown(change), size).at(-1)
  t.equal(keys({ ...byCode, muted: true }, '40x15'), '  [m] unmute  [v] same  [q] end')
  t.equal(keys({ muted: true }, '40x15'), '  [m] unmute  [?] keys  [q] end')
  t.equal(keys({}, '60x20'), '  [m] mute  [?] keys  [q] end')
  t.equal(keys({}, '20x10'), '[m] mute  [q] end')
  t.equal(keys(byCode, '20x10'), '[m] [v] [?] [q]')
})

t.test('puts the figures on one line where there are few rows', async t => {
  t.same(text(shown(byCode), '40x10'), [
    '── XYZ ── NOT VERIFIED ─────── 00:42 ──',
    '  Code     ABCDEF  same? [v]',
    '  You      ━━━━━━━━━━╸┄┄┄┄┄┃┄┄┄┄ -30 dB',
    '  XYZ      ━━━━━┃┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ -45 dB',
    '  direct  good  42 ms  loss 0.4 %',
    '  [m] mute  [v] same  [?] keys  [q] end',
  ])
  t.same(text(shown(byCode), '20x10'), [
    'XYZ ───────── 00:42',
    'ABCDEF  same? [v]',
    'You ━━━━┄┄┃┄ -30 dB',
    'XYZ ━━┃┄┄┄┄┄ -45 dB',
    'direct  good  42 ms',
    '[m] [v] [?] [q]',
  ])
})

t.test('is one line in the smallest terminals, what matters most first', async t => {
  t.same(text(shown(byCode), '80x6'), ['XYZ  00:42  direct  RTT 42 ms  loss 0.4 %  [v] codes match  [q] hang up'])
  t.same(text(shown({ muted: true, silent: true, route: null }), '80x7'), [
    'XYZ  00:42  MUTED  XYZ SILENT  no route  RTT 42 ms  loss 0.4 %  [q] hang up',
  ])
  t.same(text(shown({ muted: true }), '20x6'), ['XYZ  00:42  MUTED'])
  t.same(text(shown({ muted: true }), '10x24'), ['MUTED'])
  t.same(text(shown({}, { view: view({ state: 'waiting' }) }), '40x4'), ['waiting XYZ  [q] quit'])
  t.same(text(shown({}, { view: view({ state: 'waiting' }) }), '20x4'), ['waiting XYZ'])
})

t.test('draws with ASCII alone where no more can be shown', async t => {
  t.same(text(shown({ ...byCode, verified: true, doubted: true }), '80x24', ASCII), [
    '-- XYZ -- verified by code ------------------------------------------- 00:42 --',
    '  You      ====================............|....... -30 dB',
    '  XYZ      ==========|............................. -45 dB  volume 100 %',
    '  Route    direct, host to reflexive, in doubt: over the relay too',
    '  Delay    42 ms round trip, buffer 40 ms, jitter 3 ms',
    '  Quality  979...........................  good  concealed 1 %  loss 0.4 %',
    '  [m] mute  [space] push to talk  [+][-] volume  [q] hang up',
  ])
})

t.test('says in words, not by colour alone, what is not as it should be', async t => {
  const line = (what: Shown, label: string, size = '80x24') =>
    text(what, size).find(each => each.trimStart().startsWith(label)) ?? ''
  for (const size of ['80x24', '40x15', '40x10']) {
    t.match(line(shown({ muted: true }), 'You', size), /MUTED/)
    t.match(line(shown({ silent: true, route: null }), 'XYZ', size), /SILENT/)
    t.match(line(shown({ peerMuted: true }), 'XYZ', size), /muted/)
    t.match(line(shown({}, { noSound: true }), 'You', size), /NO SOUND/)
    t.match(line(shown({}, { own: { now: -2, peak: -2 } }), 'You', size), /LOUD/)
    t.match(line(shown({}, { own: { now: -100, peak: -100 } }), 'You', size), /quiet/)
  }
  t.match(line(shown({ route: 'direct', doubted: true }), 'Route'), /direct, .*in doubt: over the relay too/)
  t.match(line(shown({ route: 'direct', doubted: true }), 'direct', '40x10'), /direct\?/)
  t.match(line(shown({ route: null }), 'Route'), /none yet/)
  t.match(line(shown({}, { quality: qualities([20, 20, 20]) }), 'Quality'), /poor {2}concealed 40 %/)
  t.match(line(shown({}, { quality: qualities([2, 3, 2]) }), 'Quality'), /fair {2}concealed 5 %/)
  t.match(line(shown({}, { stats: null }), 'Delay'), /\.\.\./)
})

t.test('shows all the time who keeps a recording, in every size', async t => {
  const all = (view: Partial<CallView>, size: string) => text(shown({ ...byCode, ...view }), size).join('\n')
  for (const size of ['80x24', '40x24', '40x10', '40x6', '20x6']) {
    t.match(all({ peerRecording: true }, size), /RECORDS/, size)
    t.notMatch(all({}, size), /RECORDS|you record|REC/)
  }
  t.match(all({ recording: true }, '80x24'), /you record/)
  t.match(all({ recording: true }, '80x6'), /REC/)
})

t.test('shows the volume where there is room for it, and where it was changed', async t => {
  t.match(text(shown({}, { volume: 120 }), '80x24')[2], /volume 120 %$/)
  t.match(text(shown({ peerMuted: true }, { volume: 120 }), '80x24')[2], /muted {2}volume 120 %$/)
  t.match(text(shown({}, { volume: 120 }), '40x15')[3], /Route .*volume 120 %$/)
  t.notMatch(text(shown(), '40x15').join(), /volume/)
  t.match(text(shown({}, { volume: 120 }), '40x10')[3], /relay {2}volume 120 %/)
})

t.test('waits, and says for what', async t => {
  const of = (change: Partial<CallView>, size = '80x24') => text(shown({}, { view: view(change) }), size)
  t.same(of({ state: 'waiting', presence: 'absent' }), [
    '── waiting for XYZ ─────────────────────────────────────────────────── 00:42 ──',
    '  It begins by itself when XYZ comes; a bell rings then',
    '  [m] mute  [?] keys  [q] quit',
  ])
  t.same(of({ state: 'waiting', presence: 'absent', muted: true }, '40x15'), [
    '── waiting for XYZ ─────────── 00:42 ──',
    '  It begins by itself when XYZ comes',
    '  MUTED  you will not be heard at first',
    '  [m] unmute  [?] keys  [q] quit',
  ])
  t.match(of({ state: 'waiting', reconnecting: true })[0], /looking for the server/)
  t.match(of({ state: 'agreeing' })[0], /XYZ is there ── agreeing on keys/)
  t.match(of({ state: 'connecting' })[0], /connecting to the server/)
  t.same(of({ state: 'ending' }).length, 1)
  t.same(of({ state: 'ended' }), [])
})

t.test('shortens a long name before it leaves out how sure it is', async t => {
  const long = shown({}, { names: { ...NAMES, peer: 'X'.repeat(32) } })
  t.equal(text(long, '40x15')[0], '── XXXXXXXXXXXX… ── verified ─ 00:42 ──')
  t.match(text(long, '80x24')[0], /X{32} ── verified by password/)
  t.equal(text(long, '40x15')[2], '  XXXXXX…  ━━━━━┃┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ -45 dB')
})

t.test('never is as wide as the terminal, and leaves rows for what happened, whatever is shown', async () => {
  const level = fc.double({ min: -100, max: 0, noNaN: true })
  const levels = fc.record({ now: level, peak: level })
  const views = fc.record({
    state: fc.constantFrom<CallView['state']>('connecting', 'waiting', 'agreeing', 'talking', 'ending'),
    route: fc.constantFrom('direct' as const, 'relay' as const, null),
    silent: fc.boolean(),
    doubted: fc.boolean(),
    muted: fc.boolean(),
    peerMuted: fc.boolean(),
    reconnecting: fc.boolean(),
    verified: fc.boolean(),
  })
  fc.assert(
    fc.property(
      views,
      levels,
      levels,
      fc.constantFrom(ASCII, UNICODE),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 32 }),
      fc.array(fc.option(fc.integer({ min: 0, max: 50 })), { maxLength: 70 }),
      fc.integer({ min: 0, max: 400_000_000 }),
      (change, own, other, glyphs, columns, rows, letters, lost, elapsedMs) => {
        const names = { ...NAMES, peer: 'W'.repeat(letters) }
        const figures = stats({ rttMs: 59_999, lossPct: 100, jitterMs: 1234, bufferMs: 1234 })
        const what = shown(change, {
          own,
          other,
          names,
          elapsedMs,
          quality: qualities(lost),
          stats: figures,
          volume: 200,
        })
        const lines = panel(what, { columns, rows }, glyphs)
        const fits =
          lines.length <= Math.max(1, rows - 2) && lines.every(line => widthOf(line) < columns || columns === 1)
        const plain = lines.every(line => (glyphs === ASCII ? /^[ -~]*$/ : /^[ -~─-╿▁-█…]*$/).test(textOf(line)))
        return fits && plain && lines.length > 0
      },
    ),
  )
})

t.test('has a screen for every state of a call', async t => {
  for (const each of wholeCall) {
    const lines = text(shown({}, { view: each }), '80x24')
    t.equal(lines.length > 0, each.state !== 'ended', each.state)
  }
})

t.test(
  'shows the code of a one-time call as long as nobody came, and the whole command where there is room',
  async t => {
    t.same(text(inviting(), '80x24'), [
      '── waiting for the other side ──────────────────────────────────────── 00:42 ──',
      '  Code  7-orbit-maple',
      '  Good for one call and one try, as long as this program waits.',
      '  The other side joins with:',
      '  npx voicechat-peer --code 7-orbit-maple --server ws://192.168.178.123:9001',
      '  It begins by itself when the other side comes; a bell rings then',
      '  [m] mute  [?] keys  [q] quit',
    ])
    t.same(text(inviting(), '40x14').slice(1, 6), [
      '  Code  7-orbit-maple',
      '  The other side joins with:',
      '  npx voicechat-peer --code \\',
      '    7-orbit-maple --server \\',
      '    ws://192.168.178.123:9001',
    ])
    t.same(text(inviting(), '80x10').slice(1, 3), [
      '  Code  7-orbit-maple',
      '  Good for one call and one try, as long as this program waits.',
    ])
    t.same(text(inviting(), '80x4'), ['7-orbit-maple  [q] quit'])
    for (const state of ['connecting', 'agreeing', 'talking', 'ending'] as const)
      for (const size of ['80x24', '80x10', '80x4'])
        t.notMatch(text(inviting({ state }), size).join('\n'), /orbit|maple/, `${state} ${size}`)
  },
)

t.test('has words for whom has no id', async t => {
  const lines = text(shown({ peerMuted: true, route: 'relay' }, { names: nameless }), '80x24')
  t.match(lines[0], /^── the other side ── verified by code ─/)
  t.equal(lines[2], '  They     muted  volume 100 %')
  t.match(text(shown({}, { names: nameless }), '40x24')[2], /^ {2}They {4}/)
})
