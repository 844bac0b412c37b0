/**
 * A room between two devices of a sound server: `room-main.js SOURCE SINK DELAY_MS ATTENUATION_DB` plays what SOURCE gives into SINK, as
 * an echo. In a process of its own, so that nothing holds it up; it ends with its devices, and when stdin closes.
 */
import { ProgramMicrophone } from '../../peer/audio/devices/program-microphone.js'
import { ProgramSpeaker } from '../../peer/audio/devices/program-speaker.js'
import { pulse } from '../../peer/audio/devices/pulse.js'
import { NodeClock } from '../../peer/node-clock.js'
import { RoomEcho, roomResponse } from '../measure/room.js'

const [, , source = '', sink = '', delayMs, attenuationDb] = process.argv
/** What waits on its way beyond this was held up by something, and is dropped down to the least: a room is never late. Samples. */
const MOST = 48 * 60
const LEAST = 48 * 15

const clock = new NodeClock()
const ear = new ProgramMicrophone(pulse, source, clock)
const mouth = new ProgramSpeaker(pulse, sink, clock)
const echo = new RoomEcho(roomResponse(Number(delayMs), Number(attenuationDb)))
let waiting: number[] = []

async function end(): Promise<void> {
  await Promise.all([ear.close(), mouth.close()])
  process.exit()
}

process.stdin.on('error', end).on('close', end).resume()
await mouth.open(block => {
  block.fill(0)
  block.set(waiting.slice(0, block.length))
  waiting = waiting.slice(block.length)
}, end)
await ear.open(block => {
  waiting.push(...echo.next(block))
  if (waiting.length > MOST) waiting = waiting.slice(-LEAST)
}, end)
process.stdout.write('there\n')
