/**
 * npm run demo: a whole call on one machine, without sound hardware. A server and two peers run as three processes, recorded speech goes both
 * ways at once, and what each side heard is measured. Ends with 0 when each way could be understood well, else with 1.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../../protocol/reason.js'
import { only } from '../lab/event.js'
import { Lab, type Peer } from '../lab/lab.js'
import { judge } from '../measure/hearing.js'
import { looped } from '../measure/sound.js'
import { readWav } from '../measure/wav.js'
import { type SpeechName, speechPath } from '../speech/speech.js'
import { findFaults, GOOD_STOI, renderReport, type Way } from './report.js'

const TALK_SECONDS = 15

interface Side {
  readonly id: string
  readonly speech: SpeechName
  readonly heard: string
  readonly peer: Peer
}

const lab = new Lab()
const output = fileURLToPath(new URL('../../../demo-output', import.meta.url))
let stopped = false
const say = (line: string) => {
  // After Ctrl-C the rest of the demo fails quietly.
  if (!stopped) console.log(line)
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, async () => {
    say('\nStopped.')
    stopped = true
    await lab.close()
    process.exit(code)
  })

try {
  process.exitCode = await demo()
} catch (error) {
  say(`\nThe demo could not finish: ${reasonOf(error)}`)
  process.exitCode = 1
} finally {
  await lab.close()
}

async function demo(): Promise<number> {
  mkdirSync(output, { recursive: true })
  const server = await lab.server({ stateDir: lab.path('state') })
  say(`A server runs on ${server.url}.`)
  const a = start('ABC', 'XYZ', 'congratulations', server.url)
  await a.peer.event(event => event.event === 'state' && event.state === 'waiting')
  say('ABC waits for XYZ.')
  const b = start('XYZ', 'ABC', 'no-connection', server.url)
  say('XYZ starts, with the same password.')
  for (const { peer } of [a, b]) await peer.event(event => event.event === 'state' && event.state === 'talking')
  const codes = await Promise.all([a, b].map(({ peer }) => peer.event(event => event.event === 'verify')))
  const [code] = only('verify', codes)
  say(`They agreed on keys; each knows the other by the password. Code: ${code?.code}.`)
  say(`Both talk for ${TALK_SECONDS} s, at the same time.`)
  const exits = await Promise.all([a, b].map(({ peer }) => peer.exit((TALK_SECONDS + 15) * 1000)))
  if (stopped) return 1
  say('XYZ hung up. Measuring what each heard ...')
  const ways = [measure(a, b, b.peer.startedAt), measure(b, a, b.peer.startedAt)]
  say(`\n${renderReport(ways).join('\n')}\n`)
  const ends = exits.flatMap(({ code, signal }, n) =>
    code === 0 ? [] : [`${[a, b][n]!.id} ended with ${signal ?? `exit code ${code}`}.\n${[a, b][n]!.peer.describe()}`],
  )
  const faults = [...findFaults(ways), ...ends]
  say(faults.length ? `Not good:\n${faults.join('\n')}` : `A good call: STOI over ${GOOD_STOI} both ways.`)
  return faults.length ? 1 : 0
}

function start(id: string, to: string, speech: SpeechName, url: string): Side {
  const password = lab.path(`password-${id}`)
  writeFileSync(password, 'a password for the demo\n', { mode: 0o600 })
  const heard = join(output, `${id}-heard.wav`)
  const who = ['--id', id, '--to', to, '--server', url, '--password-file', password]
  const sound = ['--mic', `file:${speechPath(speech)}`, '--speaker', `file:${heard}`]
  // The second to come hangs up; the first one ends by itself when that fails.
  const seconds = id === 'XYZ' ? TALK_SECONDS : TALK_SECONDS + 10
  const args = [...who, ...sound, '--json', '--verbose', '--for', `${seconds}`, '--wait', '30']
  return { id, speech, heard, peer: lab.peer(args, { name: id, limitMs: 90_000 }) }
}

/** What `listener` heard of `speaker`. */
function measure(listener: Side, speaker: Side, secondStartedAt: number): Way {
  const events = listener.peer.events
  const [mouth] = only('devices', speaker.peer.events)
  const [ear] = only('devices', events)
  if (!mouth || !ear)
    throw new Error(`A sound device did not start.\n${listener.peer.describe()}\n${speaker.peer.describe()}`)
  const heard = { ...readWav(listener.heard), startedAt: ear.speaker.startedAt }
  const until = heard.startedAt + (heard.samples.length * 1000) / heard.rate
  const said = looped({ ...readWav(speechPath(speaker.speech)), startedAt: mouth.microphone.startedAt }, until)
  const { delay, stoi, estoi, gaps, firstSoundAt } = judge(said, heard)
  const stats = only('stats', events)
  const [verify] = only('verify', events).slice(-1)
  const routes = only('state', events).flatMap(({ route }) => route ?? [])
  return {
    listener: listener.id,
    speaker: speaker.id,
    route: [...new Set(routes)].join(', ') || 'none',
    firstSoundMs: firstSoundAt === undefined ? undefined : firstSoundAt - secondStartedAt,
    delayP50: delay.p50,
    delayP95: delay.p95,
    framesLost: stats.at(-1)?.framesLost ?? Number.NaN,
    framesConcealed: stats.at(-1)?.framesConcealed ?? Number.NaN,
    frames: Math.round(heard.samples.length / (heard.rate / 50)),
    gaps: gaps.length,
    longestGapMs: gaps.reduce((longest, gap) => Math.max(longest, gap.ms), 0),
    stoi,
    estoi,
    kbps: stats.reduce((sum, { kbpsDown }) => sum + kbpsDown, 0) / stats.length,
    verifiedBy: verify?.verified ? verify.how : 'nothing',
    code: verify?.code ?? 'none',
    heardFile: relative(process.cwd(), listener.heard),
  }
}
