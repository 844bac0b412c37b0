import t from 'tap'
import { invitationOf } from '../../../peer/terminal/one-time/invitation.js'
import { UNICODE } from '../../../peer/terminal/screen/glyphs.js'
import { type Screen, ScreenOutput } from '../../../peer/terminal/screen-output.js'
import { VirtualClock } from '../../virtual-clock.js'
import { matchAll } from '../match-all.js'
import { Emulator } from './screen/emulator.js'
import { NAMES, stats, talking, view, wholeCall } from './views.js'

/** A call screen on a terminal in memory and a virtual clock. */
function screen(columns = 80, rows = 24) {
  const emulator = new Emulator(columns, rows)
  const clock = new VirtualClock()
  const size = { columns, rows }
  const levels = { levelIn: -30, levelOut: -40 }
  const told = new Set<() => void>()
  const state = { keepsUp: true }
  let writes = 0
  const on: Screen = {
    glyphs: UNICODE,
    colour: false,
    xtermJs: true,
    write: text => {
      writes++
      emulator.write(text)
    },
    size: () => ({ ...size }),
    keepsUp: () => state.keepsUp,
    onResize: tell => {
      told.add(tell)
      return () => told.delete(tell)
    },
    now: () => clock.now(),
    every: (ms, run) => {
      const again = () => {
        timer = clock.setTimeout(again, ms)
        run()
      }
      let timer = clock.setTimeout(again, ms)
      return () => clock.clearTimeout(timer)
    },
  }
  const it = new ScreenOutput(on, NAMES, () => levels)
  /** `signal`: the program is told. */
  const resize = async (columns: number, rows: number, signal = true) => {
    Object.assign(size, { columns, rows })
    await emulator.resize(columns, rows)
    if (signal) for (const tell of told) tell()
  }
  return { it, emulator, clock, levels, resize, writes: () => writes, told, state }
}

t.test('keeps its lines below what happened', async t => {
  const { it, emulator } = screen()
  for (const each of wholeCall.slice(0, 7)) it.view(each)
  it.stats(stats())
  it.note('Something happened.')
  matchAll(t, await emulator.all(), [
    /^Connecting/,
    /^Waiting for XYZ/,
    /^XYZ is there/,
    /^Verified/,
    /^Talking with XYZ over the relay/,
    /^Something happened/,
    /^── XYZ ── verified by password ─+ 00:00 ──$/,
    /^ {2}You {6}━/,
    /^ {2}XYZ {6}━/,
    /^ {2}Route {4}relay/,
    /^ {2}Delay {4}42 ms/,
    /^ {2}Quality /,
    /^ {2}\[m\] mute/,
  ])
})

t.test('draws the meters ten times a second while talking, and nothing that did not change', async t => {
  const { it, emulator, clock, levels, writes } = screen()
  it.view(talking())
  it.stats(stats())
  clock.advance(1_600)
  let before = writes()
  clock.advance(350)
  t.equal(writes(), before, 'nothing changed')
  const length = emulator.raw.length
  levels.levelIn = -28
  clock.advance(100)
  t.equal(writes(), before + 1)
  t.ok(emulator.raw.length - length < 60, `${emulator.raw.length - length} bytes for a step of a meter`)
  t.match(
    (await emulator.screen()).find(line => line.includes('You')),
    /-28 dB$/,
  )
  before = writes()
  clock.advance(10_000)
  t.ok(writes() - before <= 12, 'the clock, each second')
})

t.test('draws nothing while the terminal takes nothing, and then what is', async t => {
  const { it, emulator, clock, writes, state, resize } = screen()
  it.view(talking())
  state.keepsUp = false
  const before = writes()
  clock.advance(60_000)
  it.view(talking({ muted: true }))
  await resize(60, 20)
  t.equal(writes(), before)
  state.keepsUp = true
  clock.advance(100)
  const panel = (await emulator.all()).slice(-7)
  t.match(panel[0], /^── XYZ ── verified ─+ 01:00 ──$/)
  t.match(panel[1], /MUTED/)
})

t.test('counts from the first talking on, gaps and new keys included', async t => {
  const { it, emulator, clock } = screen()
  it.view(talking())
  clock.advance(41_000)
  it.view(view({ state: 'agreeing' }))
  clock.advance(1_000)
  it.view(talking())
  t.match(
    (await emulator.all()).find(line => line.startsWith('── XYZ')),
    /00:42/,
  )
})

t.test('counts how long it waits, by itself', async t => {
  const { it, emulator, clock } = screen()
  it.view(view({ state: 'waiting' }))
  clock.advance(75_000)
  t.match(
    (await emulator.all()).find(line => line.startsWith('── waiting for XYZ')),
    /01:15/,
  )
})

t.test('rings once when the other side comes, if it was waited for', async t => {
  for (const waited of [true, false]) {
    const { it, emulator } = screen()
    it.view(view({ state: 'waiting', presence: waited ? 'absent' : null }))
    it.view(view({ state: 'agreeing', presence: waited ? 'absent' : null }))
    it.view(talking())
    it.view(view({ state: 'agreeing' }))
    it.view(talking())
    await emulator.all()
    t.equal(emulator.bells, waited ? 1 : 0)
  }
})

t.test('says that the microphone gives no sound, after a while of none', async t => {
  const { it, emulator, clock, levels } = screen()
  const own = async () => (await emulator.all()).find(line => line.startsWith('  You'))
  levels.levelIn = -100
  it.view(talking())
  clock.advance(2_900)
  t.match(await own(), /quiet/)
  clock.advance(300)
  t.match(await own(), /NO SOUND/)
  levels.levelIn = -70
  clock.advance(100)
  t.match(await own(), /quiet/)
  levels.levelIn = -100
  it.view(talking({ muted: true }))
  clock.advance(10_000)
  t.match(await own(), /MUTED/)
  it.view(talking())
  t.match(await own(), /quiet/, 'it gets its time again')
})

t.test('has no line in the history for what is drawn: muting, volume', async t => {
  const { it, emulator } = screen()
  it.view(talking())
  it.view(talking({ muted: true, peerMuted: true }))
  it.volume(130)
  const all = await emulator.all()
  matchAll(t, all.slice(0, 3), [/^Verified/, /^Talking/, /^── XYZ/])
  t.match(all, [/./, /./, /./, /MUTED/, /muted {2}volume 130 %/])
})

t.test('follows the size of the terminal, told of it or not', async t => {
  for (const signal of [true, false]) {
    const { it, emulator, clock, resize } = screen(120, 30)
    for (const each of wholeCall.slice(0, 7)) it.view(each)
    const history = (await emulator.copied()).slice(0, 5)
    for (const [columns, rows, lines] of [
      [80, 30, 7],
      [80, 24, 7],
      [70, 24, 7],
      [69, 24, 7],
      [40, 24, 7],
      [40, 15, 7],
      [40, 10, 5],
      [40, 6, 1],
      [20, 6, 1],
      [100, 6, 1],
      [100, 40, 7],
    ] as const) {
      await resize(columns, rows, signal)
      clock.advance(100)
      const copied = await emulator.copied()
      t.same(copied.slice(0, 5), history, `${columns}x${rows}: what was said is whole`)
      t.equal(copied.length, 5 + lines, copied.join('\n'))
      t.ok(copied.slice(5).every(line => line.length < columns))
    }
  }
})

t.test('leaves the terminal clean, and says the last word on a line of its own', async t => {
  const { it, emulator, clock, told } = screen()
  for (const each of wholeCall) it.view(each)
  it.close()
  it.note('You hung up.')
  it.close()
  const all = await emulator.all()
  t.equal(all.at(-1), 'You hung up.')
  t.notOk(
    all.some(line => /\[q\]|──/.test(line)),
    'nothing of the panel is left behind',
  )
  t.equal(emulator.raw.lastIndexOf('\x1b[?25h') > emulator.raw.lastIndexOf('\x1b[?25l'), true, 'the cursor is shown')
  const { length } = emulator.raw
  clock.advance(10_000)
  t.equal(emulator.raw.length, length, 'and nothing is drawn any more')
  t.equal(told.size, 0)
})

t.test('tells problems above its lines, and lets no control codes through', async t => {
  const { it, emulator } = screen()
  it.view(talking())
  it.problem({ name: 'x', message: 'A\x1b[2J problem.', hint: 'Do this.' })
  t.match((await emulator.all()).slice(2, 4), ['A [2J problem. Do this.', /^── XYZ/])
})

t.test('shows the code of a one-time call while it is of use, and leaves no trace of it', async t => {
  const { it, emulator } = screen()
  const [connecting, waiting, absent, agreeing, ...rest] = wholeCall
  for (const each of [connecting!, waiting!, absent!]) it.view(each)
  it.invite(invitationOf({ side: 'inviter', number: 7, code: '7-orbit-maple' }, 'ws://server.test:9001'))
  t.match((await emulator.all()).join('\n'), /Code {2}7-orbit-maple.+--code 7-orbit-maple --server/s)
  for (const each of [agreeing!, ...rest.slice(0, 3)]) {
    it.view(each)
    t.notMatch((await emulator.all()).join('\n'), /orbit|maple/, each.state)
  }
  it.view(absent!)
  t.notMatch((await emulator.all()).join('\n'), /orbit|maple/, 'it was used')
  it.close()
  t.notMatch((await emulator.all()).join('\n'), /orbit|maple/)
})
