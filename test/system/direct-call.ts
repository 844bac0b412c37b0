/** What the tests of direct calls in the network lab share. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { RouteKind } from '../../peer/call/events.js'
import { only } from '../lab/event.js'
import { type HomeOptions, NetworkLab } from '../lab/network.js'
import type { Gap } from '../measure/gap.js'
import { type Hearing, judge } from '../measure/hearing.js'
import { rms, type Sound } from '../measure/sound.js'
import { readWav, type Wav, writeWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { between, type CallOptions, type Side, WholeCall } from './whole-call.js'

/** Parts that speech is cut into to take out its pauses, and the crossfade between what stays, ms. */
const BLOCK = 20
const FADE = 5
/** Blocks under this part of the RMS are pauses. */
const SPEAKING = 0.35
/** A moment of sound that is shorter does not end a gap, ms. */
const BLIP = 40

export interface LabCall {
  readonly network: NetworkLab
  readonly call: WholeCall
}

/** A call between two homes, each side free to take either route unless the options say otherwise. */
export async function startInLab(
  t: Test,
  homes: { a?: HomeOptions; b?: HomeOptions } = {},
  { a, b, ...options }: CallOptions = {},
): Promise<LabCall> {
  const network = await NetworkLab.start(homes)
  t.teardown(() => network.stop())
  const free = { route: 'auto', webrtc: 'native' } as const
  return {
    network,
    call: await WholeCall.start(t, { network, ...options, a: { ...free, ...a }, b: { ...free, ...b } }),
  }
}

/** Waits until both sides are on this route, by news from now on (`seen`: how much was known before); gives when the last one was. */
export async function bothOn(call: WholeCall, route: RouteKind, withinMs: number, seen: readonly number[]) {
  const moves = [call.a, call.b].map(({ peer }, n) =>
    peer.event(event => event.event === 'state' && event.route === route, withinMs, seen[n]),
  )
  return (await Promise.all(moves)).map(({ t }) => t)
}

/** How many events each side has told so far. */
export function eventsOf(call: WholeCall): number[] {
  return [call.a, call.b].map(({ peer }) => peer.events.length)
}

/** Routes that a side went through, in order. */
export function routesOf({ peer }: Side): (RouteKind | null)[] {
  const routes = only('state', peer.events).map(({ route }) => route)
  return routes.filter((route, n) => route !== null && route !== routes[n - 1])
}

export type Microphones = Readonly<Record<'a' | 'b', { readonly mic: string }>>

/** Two that say different things and never pause; removed by the test's teardown. */
export function microphones(t: Test): Microphones {
  const folder = mkdtempSync(join(tmpdir(), 'voicechat-microphones-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const sides = { a: { mic: join(folder, 'a.wav') }, b: { mic: join(folder, 'b.wav') } }
  writeWav(sides.a.mic, withoutPauses(readWav(speechPath('congratulations'))))
  writeWav(sides.b.mic, withoutPauses(readWav(speechPath('no-connection'))))
  return sides
}

/** Speech without its pauses, so that each gap is one in speech. */
function withoutPauses({ rate, samples }: Wav): Wav {
  const block = (BLOCK * rate) / 1000
  const fade = (FADE * rate) / 1000
  const enough = rms(samples) * SPEAKING
  const out: number[] = []
  let at = 0
  for (let from = 0; from + block + fade <= samples.length; from += block) {
    if (rms(samples.subarray(from, from + block)) < enough) continue
    // Each kept part reaches a little into what follows it, and the next fades in over that.
    for (let i = 0; i < block + fade; i++) {
      const sample = samples[from + i]!
      const part = Math.min(1, (i + 1) / fade)
      out[at + i] = i < fade ? (out[at + i] ?? 0) * (1 - part) + sample * part : sample
    }
    at += block
  }
  return { rate, samples: Float32Array.from(out) }
}

/** Judges what was heard between two moments, epoch ms. */
export function judgeBetween({ said, heard }: { said: Sound; heard: Sound }, from: number, to: number): Hearing {
  return judge(between(said, from, to), between(heard, from, to))
}

/** The longest gap that touches the time between two moments, epoch ms; gaps with less than a blip of sound between them are one. */
export function longestGap({ gaps, from }: Hearing, begin: number, end: number): number {
  const joined: Gap[] = []
  for (const gap of gaps) {
    const last = joined.at(-1)
    if (last && gap.atMs - (last.atMs + last.ms) < BLIP)
      joined[joined.length - 1] = { atMs: last.atMs, ms: gap.atMs + gap.ms - last.atMs }
    else joined.push(gap)
  }
  const near = joined.filter(({ atMs, ms }) => from + atMs + ms >= begin && from + atMs <= end)
  return near.reduce((most, { ms }) => Math.max(most, ms), 0)
}

/** Voice frames, of 20 ms, that were made up because they were not there in time, after a moment, epoch ms. */
export function concealedAfter({ peer }: Side, moment: number): number {
  const stats = only('stats', peer.events)
  const before = stats.findLast(({ t }) => t <= moment)?.framesConcealed ?? 0
  return (stats.at(-1)?.framesConcealed ?? 0) - before
}
