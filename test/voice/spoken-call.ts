/**
 * A whole call over recorded speech on a virtual clock: two real peers in the simulated world, with real Opus between devices that speak
 * and listen. The same seed gives the same sound, sample by sample.
 */
import type { AudioStats } from '../../peer/audio/audio.js'
import { loadOpus } from '../../peer/audio/opus-file.js'
import { judge } from '../measure/hearing.js'
import { resample } from '../measure/resample.js'
import type { Sound } from '../measure/sound.js'
import type { PathQuality } from '../simulation/path.js'
import type { Person } from '../simulation/person.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { World } from '../simulation/world.js'
import { busyClock } from './card.js'
import type { Condition } from './condition.js'
import { speechLoop } from './loop.js'
import { CardSpeaker, SpokenMicrophone } from './speech-devices.js'
import type { OneWay, Second, Spoken, SpokenCall } from './spoken.js'
import { ThriftyCodec } from './thrifty-codec.js'

/** A call comes about within this, and then has so long to settle before what is judged begins, unless the condition says otherwise, ms. */
const CONNECTS_MS = 20_000
const SETTLE_MS = 5_000
/** What was said last is heard for so long after the longest delay, ms. */
const TAIL_MS = 100
/** So long before a stretch is judged all is encoded again, ms. */
const WARM_MS = 5_000
/** Delays are looked for up to this unless the condition says otherwise, ms. */
const MAX_DELAY_MS = 1_400
/** Samples a second of what is judged. */
const JUDGED_RATE = 16_000
/** How often figures are looked at, ms. */
const LOOK_MS = 1_000

/** One of the two, with all that the measuring needs. */
interface Side {
  readonly person: Person
  readonly microphone: SpokenMicrophone
  readonly speaker: CardSpeaker
  /** Sealed frames that left by route. */
  readonly sent: { direct: number; relay: number; bytes: number }
  readonly seconds: Second[]
}

/** Plays a call in a condition; only what is said in the stretches that are judged, and shortly before, is encoded. */
export async function spokenCall(condition: Condition, seed: number): Promise<SpokenCall> {
  const world = new World(seed)
  world.network.fastRetransmit = true
  const { route, quality, driftPpm = 0, parts, partMs } = condition
  const { maxDelayMs = MAX_DELAY_MS, settleMs = SETTLE_MS } = condition
  const tailMs = maxDelayMs + TAIL_MS
  const codec = new ThriftyCodec(await loadOpus())
  const sideOf = (id: 'ABC' | 'XYZ', to: string, first: number, ppm: number): Side => {
    const random = new SeededRandom(seed).fork(`devices of ${id}`)
    let devices: Pick<Side, 'microphone' | 'speaker'> | null = null
    const person = world.person({ id, to }, 'open sesame', {
      access: split(calm(quality)),
      direct: route === 'direct',
      stalls: false,
      sound: parts => {
        const all = { ...parts, card: { driftPpm: ppm }, busy: busyClock(parts.clock, random) }
        devices = { microphone: new SpokenMicrophone(all, speechLoop(first)), speaker: new CardSpeaker(all) }
        return { codec, ...devices }
      },
    })
    return { person, ...devices!, sent: { direct: 0, relay: 0, bytes: 0 }, seconds: [] }
  }
  const sides = [sideOf('ABC', 'XYZ', seed, driftPpm / 2), sideOf('XYZ', 'ABC', seed + 1, -driftPpm / 2)] as const
  world.onWire.push(({ from, medium, data }) => {
    const side = sides.find(({ person }) => person.host.name === from)
    if (!side || (medium !== 'direct' && medium !== 'relay')) return
    side.sent[medium]++
    side.sent.bytes += data.length
  })
  const talks = ({ person: { peer } }: Side) =>
    peer.view.state === 'talking' && peer.view.route === route && !peer.view.doubted
  if (!(await world.until(() => sides.every(talks), CONNECTS_MS)))
    throw new Error(
      `no call in ${condition.name}: ${sides.map(({ person: { peer, problems, failure } }) => `${peer.view.state} ${peer.view.route} ${peer.view.reason} ${problems} ${failure}`)}`,
    )
  const change = (to: Partial<PathQuality>) => {
    const { up, down } = split(to)
    for (const { host } of sides.map(({ person }) => person)) {
      Object.assign(host.up.quality, up)
      Object.assign(host.down.quality, down)
    }
  }
  change(quality)
  if (condition.spikes) spike(world, sides, condition.spikes)
  const start = world.clock.now() + settleMs
  const [first, last] = [parts[0]!, parts.at(-1)!]
  for (const { speaker } of sides) for (const at of parts) speaker.listen(start + at, start + at + partMs + tailMs)
  for (const [n, at] of parts.entries()) {
    const [over, next] = [at + partMs + tailMs, (parts[n + 1] ?? 0) - WARM_MS]
    if (next <= over) continue
    for (const saving of [true, false])
      world.clock.setTimeout(
        () => {
          codec.saving = saving
        },
        settleMs + (saving ? over : next),
      )
  }
  const { later } = condition
  if (later) world.clock.setTimeout(() => change(later.quality), settleMs + later.afterMs)
  await world.run(settleMs + first)
  const before = sides.map(countsOf)
  for (let at = first; at < last + partMs; at += LOOK_MS) {
    await world.run(Math.min(LOOK_MS, last + partMs - at))
    look(sides, world.clock.now() - start)
  }
  const after = sides.map(countsOf)
  await world.run(tailMs)
  for (const { person } of sides) person.peer.do({ type: 'hangUp' })
  await world.until(() => sides.every(({ person }) => person.end !== null), 5_000)
  const ms = last + partMs - first
  const way = (from: 0 | 1, to: 0 | 1): OneWay => {
    const [speaks, hears] = [sides[from], sides[to]]
    const [sent, heard] = [less(after[from]!, before[from]!), less(after[to]!, before[to]!)]
    return {
      parts: parts.map((at, n) => judged(speaks, hears, start + at, partMs, n, maxDelayMs)),
      concealedPct: (100 * heard.framesConcealed!) / heard.framesPlayed!,
      lostPct: (100 * heard.framesLost!) / heard.framesPlayed!,
      scaledPct: heard.scaledMs === undefined ? null : (100 * heard.scaledMs) / ms,
      kbps: (8 * sent.wire!) / ms,
      relayPct: (100 * sent.relay!) / (sent.direct! + sent.relay!),
      seconds: hears.seconds,
    }
  }
  return { ways: [way(0, 1), way(1, 0)] }
}

/** Without what makes it hard to connect. */
function calm(quality: Partial<PathQuality>): Partial<PathQuality> {
  const { delayMs = 0, jitterMs = 0 } = quality
  return { delayMs, jitterMs }
}

/** Half of the delay is each one's access, all else the sender's: so both routes have it once each way, and the server is in the middle. */
function split(quality: Partial<PathQuality>): { up: Partial<PathQuality>; down: Partial<PathQuality> } {
  if (quality.delayMs === undefined) return { up: quality, down: {} }
  const delayMs = quality.delayMs / 2
  return { up: { ...quality, delayMs }, down: { delayMs } }
}

/** What is sent within a spike arrives at its end, as where a radio link stands still. */
function spike(world: World, sides: readonly Side[], { everyMs, ms }: NonNullable<Condition['spikes']>): void {
  const STEP_MS = 5
  const { delayMs } = sides[0]!.person.host.up.quality
  const set = (left: number) => {
    for (const { person } of sides) person.host.up.quality.delayMs = delayMs + left
    world.clock.setTimeout(() => set(left > 0 ? left - STEP_MS : ms), left > 0 ? STEP_MS : everyMs - ms)
  }
  set(0)
}

/** As the instruments take it: they would do so several times. */
function narrow(sound: Sound): Sound {
  return { ...sound, samples: resample(sound.samples, sound.rate, JUDGED_RATE), rate: JUDGED_RATE }
}

function judged(speaks: Side, hears: Side, start: number, ms: number, n: number, maxDelayMs: number): Spoken {
  const said = narrow(speaks.microphone.said(start, start + ms))
  const { delay, stoi, estoi } = judge(said, narrow(hears.speaker.heard(n)), maxDelayMs)
  const track = delay.track.map(point => ({ ...point, at: point.at - start }))
  return { track, windows: delay.windows, stoi, estoi }
}

type Counts = Readonly<Record<string, number | undefined>>

function countsOf({ person, sent }: Side): Counts {
  return { ...person.audio.stats(), ...sent, wire: person.host.up.figures.bytes }
}

function less(after: Counts, before: Counts): Counts {
  return Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value! - before[key]!]))
}

function look(sides: readonly [Side, Side], at: number): void {
  for (const [i, { person, seconds }] of sides.entries()) {
    const { bufferMs, jitterMs }: AudioStats = person.audio.stats()
    const { sent } = sides[1 - i]!
    const lossPct = person.peer.figures()?.lossPct ?? Number.NaN
    seconds.push({ at, lossPct, bufferMs, jitterMs, frames: sent.direct + sent.relay, bytes: sent.bytes })
  }
}
