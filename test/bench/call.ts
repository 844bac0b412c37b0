/** A whole call as three processes with file devices: what each of them costs while two people talk at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SAMPLE_RATE } from '../../peer/audio/codec.js'
import { only } from '../lab/event.js'
import { resample } from '../measure/resample.js'
import { readWav, writeWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { fixed, median, table } from './figures.js'
import type { Part } from './part.js'
import { PlainPeer } from './plain-peer.js'
import { memoryOf, percentOfCore, usageOf } from './usage.js'
import { runYardstick } from './yardstick.js'

const TALK_MS = 20_000
/** After this both are compiled and in step, ms. */
const SETTLE_MS = 2_000
const FRAME_MS = 20

export const call: Part = async ({ say, lab, atEnd }) => {
  const server = await lab.server()
  const start = (id: string, to: string, speech: 'congratulations' | 'no-connection') => {
    const who = ['--id', id, '--to', to, '--server', server.url, '--wait', '20', '--for', '40']
    // At the rate of a real microphone: what it costs to bring a file to that is no part of a call.
    const spoken = lab.path(`${speech}.wav`)
    const { rate, samples } = readWav(speechPath(speech))
    writeWav(spoken, { rate: SAMPLE_RATE, samples: resample(samples, rate, SAMPLE_RATE) })
    const sound = ['--mic', `file:${spoken}`, '--speaker', `file:${lab.path(`${id}.wav`)}`]
    const peer = new PlainPeer([...who, ...sound], lab.folder)
    atEnd(() => peer.kill())
    return peer
  }
  const a = start('ABC', 'XYZ', 'congratulations')
  await a.state('waiting')
  const b = start('XYZ', 'ABC', 'no-connection')
  await Promise.all([a.state('talking'), b.state('talking')])
  await sleep(SETTLE_MS)

  const programs = [
    { name: 'ABC', pid: a.pid },
    { name: 'XYZ', pid: b.pid },
    { name: 'server', pid: server.pid },
  ]
  const before = programs.map(({ pid }) => usageOf(pid))
  await sleep(TALK_MS)
  const after = programs.map(({ pid }) => usageOf(pid))
  const memory = programs.map(({ pid }) => memoryOf(pid))
  b.hangUp()
  await Promise.all([a.exited, b.exited])
  const yardstick = await runYardstick(TALK_MS / FRAME_MS)

  const cpu = programs.map((_, i) => percentOfCore(before[i]!, after[i]!))
  const own = (100 * yardstick.cpuMs) / TALK_MS
  const rows = programs.map(({ name }, i) => {
    const events = [a, b][i]?.events ?? []
    const [end] = only('process', events)
    const rate = (key: 'kbpsUp' | 'kbpsDown') => fixed(median(only('stats', events).map(stats => stats[key])), 1)
    const delays = end ? [end.loopDelayP50Ms, end.loopDelayP99Ms, end.loopDelayMaxMs] : ['-', '-', '-']
    return [
      name,
      `${fixed(cpu[i], 1)} %`,
      fixed(cpu[i]! / own, 2),
      fixed(memory[i]?.rss),
      fixed(memory[i]?.pss),
      delays.map(value => (typeof value === 'number' ? fixed(value, 1) : value)).join(' / '),
      `${rate('kbpsUp')} / ${rate('kbpsDown')}`,
    ]
  })
  const heads = ['', 'CPU', 'to yardstick', 'RSS MiB', 'PSS MiB', 'loop p50 / p99 / max ms', 'kb/s up / down']
  for (const line of table([heads, ...rows, ['yardstick', `${fixed(own, 1)} %`, '1.00', '', '', '', '']])) say(line)
  const faults = [a, b].map(({ events }) => only('stats', events).at(-1))
  say(
    `Frames lost ${faults.map(stats => stats?.framesLost ?? '-').join(' and ')}, underruns ${faults.map(stats => stats?.underruns ?? '-').join(' and ')}.`,
  )
  say(
    `CPU: user and system, all threads, % of a core over ${TALK_MS / 1000} s of talking (/proc). Loop: the main thread's`,
  )
  say(
    'event loop from talking to the end, as node:perf_hooks has it: the distance of ticks of a 5 ms timer, so 5 is at rest.',
  )
  say(
    `Yardstick: a process that encodes and seals ${TALK_MS / FRAME_MS} frames in one go, ${fixed(yardstick.cpuMs)} ms, as if spread over the call.`,
  )
}
