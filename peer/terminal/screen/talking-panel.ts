import { asLabel, isNameless } from '../peer-name.js'
import { average, damageOf, HISTORY, qualityWord } from '../quality.js'
import { duration } from '../sentences.js'
import { day } from '../when.js'
import { key, type Layout } from './layout.js'
import { fit, type Line, type Part, part, type Span, span, textOf, widthOf } from './line.js'
import { levelText, meter } from './meter.js'
import type { Level, Shown } from './shown.js'
import { sparkline } from './sparkline.js'

const MAX_METER = 40
const LEVEL_TEXT = 6
/** A sparkline of fewer columns says little. */
const MIN_SPARK = 10
/** Of the other side's name so much is always there, columns. */
const MIN_NAME = 8
/** Quality in words is that of so many seconds. */
const RECENT = 5

/** The lines of the screen while two talk. */
export class TalkingPanel {
  readonly #layout: Layout

  constructor(
    private readonly shown: Shown,
    layout: Layout,
  ) {
    this.#layout = layout
  }

  /** Whether the volume has room behind a meter. */
  get #wide(): boolean {
    return this.#layout.width >= 56
  }

  /** All lines, where there is room. */
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

  /** What matters most. */
  compact(): Line[] {
    return [this.#who(), this.#code(), this.#own(), this.#other(), this.#figures(), this.#keys()]
  }

  #who(): Line {
    const { view, names, elapsedMs } = this.shown
    // How sure it is matters more than all of a long name.
    const besides = 18 + (view.peerRecording ? 11 : 0)
    const short = view.verified ? span('verified', 'good') : span('NOT VERIFIED', 'warn')
    const long = span(this.#how(), 'good')
    const fits = this.#layout.width >= 60 && this.#layout.width - widthOf([long]) - besides >= MIN_NAME
    const verified = view.verified && fits ? long : short
    const room = Math.max(MIN_NAME, this.#layout.width - widthOf([verified]) - besides)
    return this.#layout.heading(
      [
        part(0, span(this.#layout.short(names.peer, room), 'bold')),
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
    const label = this.#layout.label('Code')
    const fits = ask.find(each => widthOf(label) + widthOf(code.line) + 2 + widthOf(each.line) <= this.#layout.width)
    return this.#layout.row('Code', fits ? [code, fits] : [code])
  }

  #own(): Line {
    const { view, own, noSound } = this.shown
    if (view.muted)
      return this.#layout.row('You', [
        part(0, span('MUTED', 'badge')),
        part(1, span('nothing of the room leaves')),
        part(2, ...key('space', 'talk')),
      ])
    if (noSound)
      return this.#layout.row('You', [
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
      return this.#layout.row(label, [
        part(0, span('SILENT', 'badge')),
        part(1, span('nothing comes from there; waiting up to 30 s')),
      ])
    if (view.peerMuted) return this.#layout.row(label, [part(0, span('muted', 'bold')), loudness])
    return this.#meter(label, other, true)
  }

  /** Both meters are of one width, and the volume stands behind the second where there is room. */
  #meter(label: string, { now, peak }: Level, volume: boolean): Line {
    const behind = this.#wide ? `  volume ${this.shown.volume} %`.padEnd(14) : ''
    const head = this.#layout.label(label)
    const room = this.#layout.width - widthOf(head) - LEVEL_TEXT - 1 - behind.length
    const cells = Math.max(1, Math.min(MAX_METER, room))
    const line = [...head, ...meter(now, peak, cells, this.#layout.glyphs), span(' '), levelText(now)]
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
      return this.#layout.row(
        'Route',
        [part(0, span('none', 'warn')), part(1, span(`nothing comes from ${names.peer}`))],
        ': ',
      )
    if (route === null) return this.#layout.row('Route', [part(0, span('none yet', 'dim'))])
    if (route === 'relay')
      return this.#layout.row('Route', [part(0, span('relay')), part(1, span('over the server')), this.#volume()], ', ')
    const path = stats?.path
    return this.#layout.row(
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
    if (!stats) return this.#layout.row('Delay', [part(0, span('...', 'dim'))])
    const rtt = stats.rttMs === null ? [] : [span(`${stats.rttMs} ms round trip`)]
    const short = stats.rttMs === null ? [] : [span(`RTT ${stats.rttMs} ms`)]
    const buffer = span(`buffer ${Math.round(stats.bufferMs)} ms`)
    const jitter = span(`jitter ${Math.round(stats.jitterMs)} ms`)
    const wide = this.#layout.row('Delay', [part(0, ...rtt), part(0, buffer), part(0, jitter)], ', ')
    return textOf(wide).endsWith(jitter.text)
      ? wide
      : this.#layout.row('Delay', [part(0, ...short), part(1, buffer), part(2, jitter)], ', ')
  }

  #quality(): Line {
    const { stats, quality } = this.shown
    const recent = average(quality.history, RECENT)
    const head = this.#layout.label('Quality')
    const room = this.#layout.width - widthOf(head)
    const words = [
      part(0, ...this.#word()),
      part(2, ...(recent === null ? [] : [span(`concealed ${Math.round(damageOf(recent))} %`)])),
      part(1, ...(stats ? [span(`loss ${stats.lossPct.toFixed(1)} %`)] : [])),
    ]
    const behind = fit(words, Math.max(0, room - MIN_SPARK - 2))
    const spark = sparkline(quality, Math.min(HISTORY, room - widthOf(behind) - 2), this.#layout.glyphs)
    return [...head, ...spark, ...(spark.length > 0 ? [span('  ')] : []), ...behind]
  }

  /** Route, delay and quality on one line. */
  #figures(): Line {
    const { view, stats } = this.shown
    const route = view.route === null ? 'no route' : view.doubted ? `${view.route}?` : view.route
    const words = this.#layout.text([
      part(0, span(route)),
      this.#volume(),
      part(1, ...this.#word()),
      part(2, ...(stats?.rttMs != null ? [span(`${stats.rttMs} ms`)] : [])),
      part(3, ...(stats ? [span(`loss ${stats.lossPct.toFixed(1)} %`)] : [])),
    ])
    const room = this.#layout.width - widthOf(words) - 2
    return room < MIN_SPARK
      ? words
      : [...words, span('  '), ...sparkline(this.shown.quality, Math.min(30, room), this.#layout.glyphs)]
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
    return (
      this.#layout.whole(wide) ??
      this.#layout.whole(short) ??
      this.#layout.whole(shorter) ??
      this.#layout.text(bare, ' ')
    )
  }
}
