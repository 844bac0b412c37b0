/**
 * How a call sounds on many networks: recorded speech through two whole peers on a virtual clock (test/voice). Choices by environment
 * variables: VOICE_ONLY=name,name; VOICE_SEEDS=1 (how many); VOICE_NO_DRIFT=1 leaves the hour out; VOICE_DEBUG=1 a line a second.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { playCalls } from '../voice/calls.js'
import { type Condition, conditions } from '../voice/condition.js'
import type { OneWay, SpokenCall } from '../voice/spoken.js'
import { summary } from '../voice/summary.js'
import type { Work } from '../voice/worker.js'
import { fixed } from './figures.js'
import type { Part } from './part.js'

const SEEDS = 3
const RESULTS = fileURLToPath(new URL('../../../test/voice/RESULTS.md', import.meta.url))

export const voice: Part = async ({ say, atEnd }) => {
  const { VOICE_ONLY, VOICE_SEEDS, VOICE_NO_DRIFT, VOICE_DEBUG } = process.env
  const only = VOICE_ONLY ? VOICE_ONLY.split(',') : null
  const unknown = only?.find(name => conditions.every(condition => condition.name !== name))
  if (unknown !== undefined)
    throw new Error(`there is no condition "${unknown}": ${conditions.map(({ name }) => name).join(', ')}`)
  const count = VOICE_SEEDS ? Number(VOICE_SEEDS) : SEEDS
  if (!Number.isInteger(count) || count < 1) throw new Error('VOICE_SEEDS is a number from 1 up')
  const chosen = conditions.filter(
    ({ name, driftPpm }) => (only?.includes(name) ?? true) && !(VOICE_NO_DRIFT && driftPpm !== undefined),
  )
  const works = chosen.flatMap(condition => seedsOf(condition, count).map(seed => ({ name: condition.name, seed })))
  // The longest first, so that the two cores end at about the same time.
  works.sort((a, b) => Number(b.name === 'drift') - Number(a.name === 'drift'))
  const played = new Map<Condition, SpokenCall[]>(chosen.map(condition => [condition, []]))
  const failed: string[] = []
  const calls = playCalls(works, done => {
    const condition = chosen.find(({ name }) => name === done.name)!
    if ('failed' in done) failed.push(`${done.name}, seed ${done.seed}: ${done.failed}`)
    else {
      played.get(condition)!.push(done.call)
      if (VOICE_DEBUG) for (const [n, way] of done.call.ways.entries()) debug(say, done, n, way)
    }
  })
  atEnd(calls.stop)
  await calls.finished
  const lines = summary(played)
  for (const line of lines) say(line)
  for (const line of failed) say(`Failed: ${line}`)
  if (failed.length) throw new Error(`${failed.length} calls failed`)
  if (only === null) writeFileSync(RESULTS, `${head(count, !VOICE_NO_DRIFT).join('\n')}\n\n${lines.join('\n')}\n`)
  say(only === null ? 'Written to test/voice/RESULTS.md.' : 'Not all of it: test/voice/RESULTS.md stays as it is.')
}

/** An hour is played once. */
function seedsOf({ driftPpm }: Condition, count: number): number[] {
  return Array.from({ length: driftPpm === undefined ? count : 1 }, (_, n) => n + 1)
}

function debug(say: (line: string) => void, { name, seed }: Work, n: number, { parts, seconds }: OneWay): void {
  const track = parts.flatMap(part => part.track)
  for (const [i, { at, lossPct, bufferMs, jitterMs, frames, bytes }] of seconds.entries()) {
    const heard = track.filter(point => point.at > at - 1_000 && point.at <= at)
    const delay = heard.map(point => fixed(point.delayMs)).join(' ') || '-'
    const before = seconds[i - 1]
    const sent = before
      ? `${frames - before.frames} of ${fixed((bytes - before.bytes) / (frames - before.frames))} bytes`
      : '-'
    say(
      `${name} ${seed} ${n === 0 ? '>' : '<'} ${fixed(at / 1000)} s: delay ${delay} ms; lost ${fixed(lossPct, 1)} %; buffer ${fixed(bufferMs)}, jitter ${fixed(jitterMs, 1)} ms; frames ${sent}`,
    )
  }
}

function head(count: number, hour: boolean): string[] {
  const seeds = count === 1 ? 'seed 1' : `seeds 1 to ${count}`
  return [
    '# How a call sounds',
    '',
    `Written by \`npm run bench:voice\` on ${new Date().toISOString().slice(0, 10)}, ${seeds}${hour ? ' (the hour: 1)' : ', without the hour'}. Everything runs on a virtual clock: the same code gives the`,
    'same figures on each machine, apart from the last digit. `VOICE_ONLY=jitter,loss20 VOICE_SEEDS=1 npm run bench:voice` plays a part of it.',
    '',
    'Recorded speech both ways at once, through two whole peers with real Opus (see [README.md](README.md)). Each figure is the median over the calls and',
    'their two ways. Delay: mouth to ear, over windows of 0.5 s each 0.25 s. STOI and ESTOI: after alignment, 1 is untouched. kb/s: IP bytes.',
  ]
}
