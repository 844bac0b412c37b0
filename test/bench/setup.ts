/** From the start of the second program to the first sound, in parts: where the time goes. */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LEG_HEADER_BYTES, SEALED_BYTES } from '../../protocol/index.js'
import { freePort } from '../lab/lab.js'
import { SlowProxy } from '../lab/slow-proxy.js'
import { whiteNoise } from '../measure/noise.js'
import { firstSound } from '../measure/sound.js'
import { readWav, writeWav } from '../measure/wav.js'
import { fixed, median, table } from './figures.js'
import type { Part } from './part.js'
import { PlainPeer } from './plain-peer.js'

const RUNS = 5
/** The first one waits quietly when the second one starts: what it does right after its own start is over, ms. */
const FIRST_WAITS_MS = 1500
const TALK_SECONDS = '1'
const main = fileURLToPath(new URL('../../program/peer.js', import.meta.url))

/** Moments of the second program's life, in order, ms after its start; what is only known from outside included. */
const moments = [
  ['nodeUp', 'node itself runs (node -e 0, on its own)'],
  ['loaded', 'command line and version known (--version, on its own)'],
  ['connecting', 'sound prepared, statechart started'],
  ['dialled', 'its first bytes to the server'],
  ['online', 'logged in'],
  ['matched', 'matched with the first'],
  ['agreed', 'keys agreed: talking'],
  ['devices', 'its speaker runs'],
  ['frame', 'first sealed frame from the first'],
  ['heard', 'first sound at its speaker'],
  ['heardThere', "first sound at the first's speaker"],
] as const
type Moments = Record<(typeof moments)[number][0], number>

export const setup: Part = async ({ say, lab, atEnd }) => {
  const port = await freePort()
  const proxy = await SlowProxy.open(port)
  atEnd(() => proxy.close())
  const server = await lab.server({ port, args: ['--public-url', proxy.url] })
  // Loud from its first sample on.
  const noise = lab.path('noise.wav')
  writeWav(noise, { rate: 48_000, samples: Float32Array.from(whiteNoise(48_000, 1), sample => sample / 4) })
  const start = (id: string, to: string, url: string) => {
    const who = ['--id', id, '--to', to, '--server', url, '--wait', '20', '--for', TALK_SECONDS]
    const peer = new PlainPeer(
      [...who, '--mic', `file:${noise}`, '--speaker', `file:${lab.path(`${id}.wav`)}`],
      lab.folder,
    )
    atEnd(() => peer.kill())
    return peer
  }
  const runs: Moments[] = []
  for (let n = 0; n < RUNS; n++) {
    const [nodeUp, loaded] = [await timeNode('-e', '0'), await timeNode(main, '--version')]
    const first = start('ABC', 'XYZ', server.url)
    await first.state('waiting')
    await sleep(FIRST_WAITS_MS)
    const from = proxy.wire.passages.length
    const fromMessages = proxy.wire.messages.length
    const second = start('XYZ', 'ABC', proxy.url)
    const since = (at: number | undefined) => (at === undefined ? Number.NaN : at - second.startedAt)
    const [connecting, online, matched, agreed] = await Promise.all(
      (['connecting', 'waiting', 'agreeing', 'talking'] as const).map(state => second.state(state)),
    )
    const speakers = await Promise.all([first, second].map(speakerStart))
    await Promise.all([first.exited, second.exited])
    const [there, here] = ['ABC', 'XYZ'].map((id, i) =>
      firstSound({ ...readWav(lab.path(`${id}.wav`)), startedAt: speakers[i]! }),
    )
    const frame = proxy.wire.messages
      .slice(fromMessages)
      .find(({ direction, opcode, payload }) => opcode === 2 && direction === 'down' && isFrame(payload))
    runs.push({
      nodeUp,
      loaded,
      connecting: since(connecting),
      dialled: since(proxy.wire.passages[from]?.at),
      online: since(online),
      matched: since(matched),
      agreed: since(agreed),
      frame: since(frame?.at),
      devices: since(speakers[1]),
      heard: since(here),
      heardThere: since(there),
    })
  }
  const rows = moments.map(([key, what], i) => {
    const values = runs.map(run => run[key])
    const before = moments[i - 1]?.[0]
    const step = before && i < moments.length - 1 ? fixed(median(runs.map(run => run[key] - run[before]))) : ''
    return [what, `${fixed(median(values))}`, step, `${fixed(Math.min(...values))} - ${fixed(Math.max(...values))}`]
  })
  for (const line of table([['ms after the start of the second program', 'median', 'step', 'range'], ...rows]))
    say(line)
  say(
    `${RUNS} calls; the second program dials through a proxy on loopback that notes the times; microphones are noise.`,
  )
}

function isFrame(payload: Uint8Array): boolean {
  return payload.length === LEG_HEADER_BYTES + SEALED_BYTES
}

function speakerStart(peer: PlainPeer): Promise<number> {
  return peer.find(event => (event.event === 'devices' ? event.speaker.startedAt : undefined))
}

/** From the start of a Node program to its end, ms. */
async function timeNode(...args: string[]): Promise<number> {
  const start = performance.now()
  await promisify(execFile)(process.execPath, args)
  return performance.now() - start
}
