/** The live lines of the call screen: from what is known of the call to lines. Pure. */

import { howLong, wrapCommand } from '../one-time/invitation.js'
import { asLabel, isNameless } from '../peer-name.js'
import { average, damageOf, HISTORY, qualityWord } from '../quality.js'
import { duration } from '../sentences.js'
import { day } from '../when.js'
import type { Glyphs } from './glyphs.js'
import { cut, fit, type Line, type Part, part, type Span, span, textOf, widthOf } from './line.js'
import { levelText, meter } from './meter.js'
import type { Level, Shown, Size } from './shown.js'
import { sparkline } from './sparkline.js'
import { statusLine } from './status-line.js'

/** In fewer rows one line has to do, and below this width too. */
const MIN_ROWS = 8
const MIN_COLUMNS = 20
/** From here on there is room for all lines and for some of what happened above them. */
const FULL_ROWS = 14
/** In fewer columns there is no room to name what the figures are. */
const LABELLED_COLUMNS = 36
const MAX_METER = 40
/** Wider lines are no easier to read, and the fewer lines a narrower terminal has to wrap, the better. */
const MAX_WIDTH = 79
const LEVEL_TEXT = 6
/** A sparkline of fewer columns says little. */
const MIN_SPARK = 10
/** Of the other side's name so much is always there, columns. */
const MIN_NAME = 8
/** Quality in words is that of so many seconds. */
const RECENT = 5

/**
 * The lines for a terminal of this size, each narrower than it: the last column stays free, since some terminals wrap when it is
 * written. None when the call has ended.
 */
export function panel(shown: Shown, { columns, rows }: Size, glyphs: Glyphs): Line[] {
  if (shown.view.state === 'ended') return []
  const width = Math.max(0, Math.min(columns - 1, MAX_WIDTH))
  if (rows < MIN_ROWS || columns < MIN_COLUMNS) return [statusLine(shown, width)]
  const tall = rows >= FULL_ROWS
  const lines = new Panel(shown, width, glyphs, tall)
  const chosen = shown.view.state !== 'talking' ? lines.before() : tall ? lines.full() : lines.compact()
  return chosen.filter(line => line.length > 0).map(line => cut(line, width))
}

class Panel {
  readonly #labels: number
  readonly #indent: string

  constructor(
    private readonly shown: Shown,
    private readonly width: number,
    private readonly glyphs: Glyphs,
    /** Whether there is room for more than what matters most. */
    private readonly tall: boolean,
  ) {
    const labelled = width >= LABELLED_COLUMNS - 1
    this.#indent = labelled ? '  ' : ''
    const longest = Math.max(7, asLabel(shown.names.peer).length)
    this.#labels = labelled ? Math.min(longest, Math.floor(width / 5)) + 2 : 4
  }

  /** Whether the volume has room behind a meter. */
  get #wide(): boolean {
    return this.width >= 56
  }

  /** Not talking yet, or not any more. */
  before(): Line[] {
    const { view, names, elapsedMs } = this.shown
    const { peer } = names
    const what = {
      connecting: 'connecting to the server',
      waiting: view.reconnecting ? 'looking for the server' : `waiting for ${peer}`,
      agreeing: `${peer} is there`,
      talking: '',
      ending: 'hanging up',
      ended: '',
    }[view.state]
    const waits = view.state === 'waiting' && !view.reconnecting
    const invitation = view.state === 'waiting' ? this.#invitation() : []
    return [
      this.#heading(
        [part(0, span(what, 'bold')), part(1, ...(view.state === 'agreeing' ? [span('agreeing on keys')] : []))],
        duration(elapsedMs),
      ),
      ...invitation,
      waits
        ? this.#text(
            [part(0, span(`It begins by itself when ${peer} comes`)), part(1, span('a bell rings then'))],
            '; ',
          )
        : [],
      view.muted ? this.#text([part(0, span('MUTED', 'badge')), part(1, span('you will not be heard at first'))]) : [],
      view.state === 'ending'
        ? []
        : this.#text([
            part(1, ...key('m', view.muted ? 'unmute' : 'mute')),
            part(2, ...key('?', 'keys')),
            part(0, ...key('q', 'quit')),
          ]),
    ]
  }

  /** What the other side needs, in as many lines as the command takes. */
  #invitation(): Line[] {
    const { invitation } = this.shown
    if (!invitation) return []
    const room = this.width - this.#indent.length
    const command = this.tall ? wrapCommand(invitation.command, room) : []
    return [
      this.#text([part(0, span('Code', 'dim')), part(0, span(invitation.code, 'bold'))]),
      this.#text([part(1, span(howLong(invitation), 'dim'))]),
      ...(command.length > 0 ? [this.#text([part(1, span('The other side joins with:', 'dim'))])] : []),
      ...command.map(line => this.#text([part(0, span(line))])),
    ]
  }

  full(): Line[] {
    return [
      this.#who(),
      this.#code(),
      this.#own(),
      this.#other(),
      this.#route(),
      this.#delay(),
      this.#quality(),
      this.#keys(),
    ]
  }

  compact(): Line[] {
    return [this.#who(), this.#code(), this.#own(), this.#other(), this.#figures(), this.#keys()]
  }

  #who(): Line {
    const { view, names, elapsedMs } = this.shown
    // How sure it is matters more than all of a long name.
    const besides = 18 + (view.peerRecording ? 11 : 0)
    const short = view.verified ? span('verified', 'good') : span('NOT VERIFIED', 'warn')
    const long = span(this.#how(), 'good')
    const fits = this.width >= 60 && this.width - widthOf([long]) - besides >= MIN_NAME
    const verified = view.verified && fits ? long : short
    const room = Math.max(MIN_NAME, this.width - widthOf([verified]) - besides)
    return this.#heading(
      [
        part(0, span(this.#short(names.peer, room), 'bold')),
        part(1, verified),
        part(0, ...(view.peerRecording ? [span('RECORDS', 'badge')] : [])),
        part(2, ...(view.recording ? [span('you record', 'warn')] : [])),
      ],
      duration(elapsedMs),
    )
  }

  #how(): string {
    const { view, names } = this.shown
    if (view.since !== null) return `verified (known since ${day(view.since)})`
    return view.how === 'password' && !isNameless(names.peer) ? 'verified by password' : 'verified by code'
  }

  /** While somebody may sit in between. */
  #code(): Line {
    const { view } = this.shown
    if (view.verified || view.code === null) return []
    const code = part(0, span(view.code, 'bold'))
    const ask = [
      part(1, span('The same on both sides? Press'), span(' [v]', 'bold')),
      part(1, span('same?'), span(' [v]', 'bold')),
    ]
    const label = this.#label('Code')
    const fits = ask.find(each => widthOf(label) + widthOf(code.line) + 2 + widthOf(each.line) <= this.width)
    return this.#row('Code', fits ? [code, fits] : [code])
  }

  #own(): Line {
    const { view, own, noSound } = this.shown
    if (view.muted)
      return this.#row('You', [
        part(0, span('MUTED', 'badge')),
        part(1, span('nothing of the room leaves')),
        part(2, ...key('space', 'talk')),
      ])
    if (noSound)
      return this.#row('You', [
        part(0, span('NO SOUND', 'warn')),
        part(1, span('from the microphone; is it muted in the system?')),
      ])
    return this.#meter('You', own, false)
  }

  #other(): Line {
    const { view, other, names, volume } = this.shown
    const label = asLabel(names.peer)
    const loudness = part(1, span(`volume ${volume} %`, 'dim'))
    if (view.silent)
      return this.#row(label, [
        part(0, span('SILENT', 'badge')),
        part(1, span('nothing comes from there; waiting up to 30 s')),
      ])
    if (view.peerMuted) return this.#row(label, [part(0, span('muted', 'bold')), loudness])
    return this.#meter(label, other, true)
  }

  /** Both meters are of one width, and the volume stands behind the second where there is room. */
  #meter(label: string, { now, peak }: Level, volume: boolean): Line {
    const behind = this.#wide ? `  volume ${this.shown.volume} %`.padEnd(14) : ''
    const head = this.#label(label)
    const room = this.width - widthOf(head) - LEVEL_TEXT - 1 - behind.length
    const cells = Math.max(1, Math.min(MAX_METER, room))
    const line = [...head, ...meter(now, peak, cells, this.glyphs), span(' '), levelText(now)]
    return volume ? [...line, span(behind.trimEnd(), 'dim')] : line
  }

  /** Where there is no room for it behind the meter, and it is worth telling. */
  #volume(): Part {
    const { volume } = this.shown
    return part(0, ...(this.#wide || volume === 100 ? [] : [span(`volume ${volume} %`)]))
  }

  #route(): Line {
    const { view, stats, names } = this.shown
    const { route } = view
    if (view.silent)
      return this.#row(
        'Route',
        [part(0, span('none', 'warn')), part(1, span(`nothing comes from ${names.peer}`))],
        ': ',
      )
    if (route === null) return this.#row('Route', [part(0, span('none yet', 'dim'))])
    if (route === 'relay')
      return this.#row('Route', [part(0, span('relay')), part(1, span('over the server')), this.#volume()], ', ')
    const path = stats?.path
    return this.#row(
      'Route',
      [
        part(0, span('direct')),
        part(2, ...(path ? [span(`${path.local} to ${path.remote}`)] : [])),
        part(1, ...(view.doubted ? [span('in doubt: over the relay too', 'warn')] : [])),
        this.#volume(),
      ],
      ', ',
    )
  }

  #delay(): Line {
    const { stats } = this.shown
    if (!stats) return this.#row('Delay', [part(0, span('...', 'dim'))])
    const rtt = stats.rttMs === null ? [] : [span(`${stats.rttMs} ms round trip`)]
    const short = stats.rttMs === null ? [] : [span(`RTT ${stats.rttMs} ms`)]
    const buffer = span(`buffer ${Math.round(stats.bufferMs)} ms`)
    const jitter = span(`jitter ${Math.round(stats.jitterMs)} ms`)
    const wide = this.#row('Delay', [part(0, ...rtt), part(0, buffer), part(0, jitter)], ', ')
    return textOf(wide).endsWith(jitter.text)
      ? wide
      : this.#row('Delay', [part(0, ...short), part(1, buffer), part(2, jitter)], ', ')
  }

  #quality(): Line {
    const { stats, quality } = this.shown
    const recent = average(quality.history, RECENT)
    const head = this.#label('Quality')
    const room = this.width - widthOf(head)
    const words = [
      part(0, ...this.#word()),
      part(2, ...(recent === null ? [] : [span(`concealed ${Math.round(damageOf(recent))} %`)])),
      part(1, ...(stats ? [span(`loss ${stats.lossPct.toFixed(1)} %`)] : [])),
    ]
    const behind = fit(words, Math.max(0, room - MIN_SPARK - 2))
    const spark = sparkline(quality, Math.min(HISTORY, room - widthOf(behind) - 2), this.glyphs)
    return [...head, ...spark, ...(spark.length > 0 ? [span('  ')] : []), ...behind]
  }

  /** Route, delay and quality on one line. */
  #figures(): Line {
    const { view, stats } = this.shown
    const route = view.route === null ? 'no route' : view.doubted ? `${view.route}?` : view.route
    const words = this.#text([
      part(0, span(route)),
      this.#volume(),
      part(1, ...this.#word()),
      part(2, ...(stats?.rttMs != null ? [span(`${stats.rttMs} ms`)] : [])),
      part(3, ...(stats ? [span(`loss ${stats.lossPct.toFixed(1)} %`)] : [])),
    ])
    const room = this.width - widthOf(words) - 2
    return room < MIN_SPARK
      ? words
      : [...words, span('  '), ...sparkline(this.shown.quality, Math.min(30, room), this.glyphs)]
  }

  #word(): Span[] {
    const quality = average(this.shown.quality.history, RECENT)
    if (quality === null) return []
    const word = qualityWord(quality)
    return [span(word, word === 'good' ? 'good' : word === 'fair' ? 'warn' : 'bad')]
  }

  /** As many as there is room for, in words, in fewer words, or without. */
  #keys(): Line {
    const { muted, verified } = this.shown.view
    const m = muted ? 'unmute' : 'mute'
    const wide = [
      part(0, ...key('m', m)),
      part(0, ...key('space', 'push to talk')),
      part(0, ...key('+', ''), ...key('-', 'volume')),
      part(0, ...(verified ? [] : key('v', 'codes match'))),
      part(0, ...key('q', 'hang up')),
    ]
    const short = [
      part(2, ...key('m', m)),
      part(1, ...(verified ? [] : key('v', 'same'))),
      part(3, ...key('?', 'keys')),
      part(0, ...key('q', 'end')),
    ]
    const bare = ['m', ...(verified ? [] : ['v']), '?', 'q'].map(name => part(0, ...key(name, '')))
    const shorter = short.filter(({ rank }) => rank < 3)
    return this.#whole(wide) ?? this.#whole(short) ?? this.#whole(shorter) ?? this.#text(bare, ' ')
  }

  /** All of the parts, or null where they have no room. */
  #whole(parts: readonly Part[]): Line | null {
    const line = this.#text(parts)
    return parts.every(part => textOf(line).includes(textOf(part.line))) ? line : null
  }

  #heading(parts: readonly Part[], right: string): Line {
    const rule = this.glyphs.rule
    const [begin, end] = this.#indent === '' ? ['', ''] : [`${rule}${rule} `, ` ${rule}${rule}`]
    const room = this.width - begin.length - right.length - end.length - 2
    if (room < widthOf(parts[0]?.line ?? [])) return cut([span(begin, 'dim'), ...(parts[0]?.line ?? [])], this.width)
    const middle = fit(parts, room, ` ${rule}${rule} `)
    const between = rule.repeat(Math.max(0, room - widthOf(middle)))
    return [span(begin, 'dim'), ...middle, span(` ${between} ${right}${end}`, 'dim')]
  }

  #text(parts: readonly Part[], gap = '  '): Line {
    const line = fit(parts, this.width - this.#indent.length, gap)
    return line.length === 0 ? [] : [span(this.#indent), ...line]
  }

  #row(label: string, parts: readonly Part[], gap = '  '): Line {
    const head = this.#label(label)
    return [...head, ...fit(parts, this.width - widthOf(head), gap)]
  }

  #label(label: string): Line {
    // Without room for labels, only the two meters have to be told apart.
    const peer = asLabel(this.shown.names.peer)
    if (this.#indent === '' && label !== 'You' && label !== peer) return []
    const room = this.#labels - (this.#indent === '' ? 1 : 2)
    const text = this.#short(label, room).padEnd(this.#labels)
    return [span(`${this.#indent}${text}`, label === peer ? 'plain' : 'dim')]
  }

  #short(text: string, room: number): string {
    return text.length <= room ? text : `${text.slice(0, room - 1)}${this.glyphs.more}`
  }
}

function key(name: string, what: string): Span[] {
  return [span(`[${name}]`, 'bold'), ...(what === '' ? [] : [span(` ${what}`)])]
}
