/**
 * A room between two devices of a sound server: `room-main.js SOURCE SINK DELAY_MS ATTENUATION_DB` plays what SOURCE gives into SINK, as
 * an echo. In a process of its own, so that nothing holds it up; it ends with its programs, and when stdin closes.
 */
import { spawn } from 'node:child_process'
import { sampleReader } from '../../peer/audio/devices/lines.js'
import { RoomEcho, roomResponse } from '../measure/room.js'

const [, , source = '', sink = '', delayMs, attenuationDb] = process.argv
const format = ['--raw', '--format=s16le', '--rate=48000', '--channels=1']
const mouth = spawn('pacat', ['--verbose', ...format, '--latency-msec=20', `--device=${sink}`], {
  stdio: ['pipe', 'ignore', 'pipe'],
})
let ear: ReturnType<typeof spawn> | null = null

function end(): void {
  ear?.kill()
  mouth.kill()
  process.exit()
}

for (const stream of [mouth.stdin, process.stdin]) stream.on('error', end).on('close', end)
process.stdin.resume()
mouth.on('exit', end)

/** Only when it is played is it recorded: pacat never gets rid of what it was given too early. */
function begin(): void {
  const echo = new RoomEcho(roomResponse(Number(delayMs), Number(attenuationDb)))
  const join = sampleReader()
  ear = spawn('parec', [...format, '--latency-msec=10', `--device=${source}`], { stdio: ['ignore', 'pipe', 'ignore'] })
  ear.on('exit', end)
  let told = false
  ear.stdout!.on('data', (bytes: Buffer) => {
    mouth.stdin.write(new Uint8Array(echo.next(join(bytes)).buffer))
    if (!told) process.stdout.write('there\n')
    told = true
  })
}

mouth.stderr.on('data', (text: Buffer) => {
  if (ear === null && String(text).includes('Stream successfully created')) begin()
})
