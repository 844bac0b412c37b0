import t from 'tap'
import { ScreenOutput, statusLine } from '../../../peer/terminal/screen-output.js'
import { matchAll } from '../match-all.js'
import { NAMES, stats, talking, view, wholeCall } from './views.js'

const REDRAW = '\r\x1b[K'

/** A terminal that knows a newline and the redraw, and complains of all else. */
class Terminal {
  readonly lines: string[] = ['']
  widest = 0

  write(text: string): void {
    for (const [i, part] of text.split(REDRAW).entries()) {
      if (i > 0) this.lines[this.lines.length - 1] = ''
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
      if (/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(part)) throw new Error(`control codes: ${JSON.stringify(part)}`)
      const [first = '', ...more] = part.split('\n')
      this.lines[this.lines.length - 1] += first
      this.lines.push(...more)
    }
    this.widest = Math.max(this.widest, this.bottom.length)
  }

  /** The line that the cursor is on. */
  get bottom(): string {
    return this.lines.at(-1) ?? ''
  }
}

function screen(columns = 80) {
  const terminal = new Terminal()
  const clock = { now: 5_000 }
  const it = new ScreenOutput(
    text => terminal.write(text),
    NAMES,
    () => columns,
    () => clock.now,
  )
  return { it, terminal, clock }
}

t.test('keeps one status line below what happened', async t => {
  const { it, terminal } = screen()
  for (const each of wholeCall.slice(0, 7)) it.view(each)
  matchAll(t, terminal.lines, [
    /^Connecting/,
    /^Waiting for XYZ/,
    /^XYZ is there/,
    /^Verified/,
    /^Talking with XYZ over the relay/,
    /^talking 00:00 {2}relay/,
  ])
  it.note('Something happened.')
  t.match(terminal.lines.slice(-2), ['Something happened.', /^talking 00:00/])
})

t.test('fits into 40 and 80 columns, and into less, whatever happens', async t => {
  for (const columns of [80, 40, 12, 1]) {
    const { it, terminal, clock } = screen(columns)
    const worst = {
      muted: true,
      silent: true,
      peerMuted: true,
      peerRecording: true,
      recording: true,
      route: 'direct',
    } as const
    for (const each of [...wholeCall.slice(0, 10), talking(worst)]) {
      clock.now += 3_599_000
      it.view(each)
      it.stats(stats({ rttMs: 12_345, lossPct: 100 }))
      t.ok(terminal.bottom.length < columns || terminal.bottom === '', `${columns}: ${terminal.bottom}`)
    }
  }
})

t.test('shows in 40 columns what matters most', async t => {
  const { it, terminal } = screen(40)
  it.view(talking({ muted: true, silent: true }))
  t.match(terminal.bottom, /^talking 00:00 {2}MUTED {2}XYZ is silent/)
})

t.test('draws only when something changed', async t => {
  const { it, terminal, clock } = screen()
  let writes = 0
  const write = terminal.write.bind(terminal)
  terminal.write = text => {
    writes++
    write(text)
  }
  it.view(talking())
  writes = 0
  it.view(talking())
  t.equal(writes, 0)
  clock.now += 999
  it.view(talking())
  t.equal(writes, 0)
  clock.now += 1
  it.view(talking())
  t.equal(writes, 1)
})

t.test('counts from the first talking on, gaps and new keys included', async t => {
  const { it, terminal, clock } = screen()
  it.view(talking())
  clock.now += 41_000
  it.view(view({ state: 'agreeing' }))
  clock.now += 1_000
  it.view(talking())
  t.match(terminal.bottom, /^talking 00:42/)
})

t.test('leaves the terminal clean, and says the last word on a line of its own', async t => {
  const { it, terminal } = screen()
  for (const each of wholeCall) it.view(each)
  it.close()
  it.note('You hung up.')
  it.close()
  t.same(terminal.lines.slice(-2), ['You hung up.', ''])
  t.notOk(
    terminal.lines.some(line => /\[q\]/.test(line)),
    'no status line is left behind',
  )
})

t.test('tells problems above the status line', async t => {
  const { it, terminal } = screen()
  it.view(talking())
  it.problem({ name: 'x', message: 'A\x1b[2J problem.', hint: 'Do this.' })
  t.match(terminal.lines.slice(-2), ['A [2J problem. Do this.', /^talking/])
})

t.test('the status line says what there is to know', async t => {
  const line = (change = {}, figures = stats(), ms = 42_000) => statusLine(talking(change), figures, NAMES, ms)
  t.equal(line(), 'talking 00:42  relay  RTT 42 ms  loss 0.4 %  [m] mute [q] hang up')
  t.equal(line({ muted: true }), 'talking 00:42  MUTED  relay  RTT 42 ms  loss 0.4 %  [m] unmute [q] hang up')
  t.match(line({ silent: true, route: null }), /XYZ is silent {2}no route/)
  t.match(line({ peerMuted: true }), /XYZ is muted/)
  t.match(line({ peerRecording: true, recording: true }), /00:42 {2}XYZ RECORDS {2}REC {2}relay/)
  t.match(line({ route: 'direct' }), /direct/)
  t.notMatch(line({}, stats({ rttMs: null })), /RTT/)
  t.equal(statusLine(talking(), null, NAMES, 3_600_000), 'talking 1:00:00  relay  [m] mute [q] hang up')
  t.equal(statusLine(view({ state: 'waiting' }), null, NAMES, 0), 'waiting XYZ  [q] quit')
  t.equal(statusLine(view({ state: 'ended' }), null, NAMES, 0), '')
})
