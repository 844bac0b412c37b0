import { FileMicrophone } from '../../peer/audio/devices/file-microphone.js'
import { loadOpus } from '../../peer/audio/opus-file.js'
import { Recorder } from '../../peer/audio/recorder.js'
import { Ring } from '../../peer/audio/ring.js'
import { createWorkerAudio } from '../../peer/audio/worker-audio.js'
import { resample } from '../measure/resample.js'
import { readWav } from '../measure/wav.js'
import { type SpeechName, speechPath } from '../speech/speech.js'
import { VirtualClock } from '../virtual-clock.js'

/** The Opus packets that a peer with this microphone makes, from its first moment on, when nothing disturbs it. */
export async function opusPackets(name: SpeechName, ms: number): Promise<Uint8Array[]> {
  const clock = new VirtualClock()
  const encoder = (await loadOpus()).createEncoder()
  const ring = Ring.create()
  const packets: Uint8Array[] = []
  const recorder = new Recorder({ clock, encoder, ring, onPacket: () => take(ring, packets) })
  const microphone = new FileMicrophone(speechPath(name), clock)
  await microphone.prepare()
  recorder.start()
  await microphone.open(block => recorder.write(block))
  clock.advance(ms)
  recorder.stop()
  await microphone.close()
  encoder.close()
  return packets
}

/** Those that this machine's clock and threads make of it. */
export async function livePackets(name: SpeechName, ms: number): Promise<Uint8Array[]> {
  const audio = createWorkerAudio({ microphone: `file:${speechPath(name)}`, speaker: 'none', backend: 'file' })
  const packets: Uint8Array[] = []
  audio.onCaptured = () => take(audio.captured, packets)
  await audio.prepare()
  await audio.start()
  await new Promise(resolve => setTimeout(resolve, ms))
  await audio.stop()
  return packets
}

function take(ring: Ring, packets: Uint8Array[]): void {
  for (let next = ring.pop(); next; next = ring.pop())
    if (next.payload.length > 0) packets.push(Uint8Array.from(next.payload))
}

/** Pieces of a recording as 16-bit PCM, at its own rate and at 48 kHz: 16 samples out of each 40 ms that are loud. */
export function pcmPieces(name: SpeechName): Uint8Array[] {
  const { rate, samples } = readWav(speechPath(name))
  return [samples, resample(samples, rate, 48_000)].flatMap((all, n) => {
    const step = ((n === 0 ? rate : 48_000) * 40) / 1000
    const pieces: Uint8Array[] = []
    for (let at = 0; at + 16 <= all.length; at += step) {
      const piece = Buffer.alloc(32)
      for (let i = 0; i < 16; i++) piece.writeInt16LE(Math.round(all[at + i]! * 32767), 2 * i)
      if (hasSubstance(piece)) pieces.push(piece)
    }
    return pieces
  })
}

/** Pieces of 16 bytes of each packet. */
export function packetPieces(packets: readonly Uint8Array[]): Uint8Array[] {
  return packets
    .flatMap(packet => [0, 16, 32, 48, 64].map(at => packet.subarray(at, at + 16)))
    .filter(piece => piece.length === 16 && hasSubstance(piece))
}

/** A text as it is, and as base64 and base64url of it, wherever it stands in what is encoded; and in hex and UTF-16. */
export function disguises(text: string): Uint8Array[] {
  const bytes = Buffer.from(text)
  const base64 = [0, 1, 2].map(before => {
    // The characters at both ends depend on what stands around.
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return encoded.slice(before === 0 ? 0 : before + 1, -2)
  })
  const url = base64.map(encoded => encoded.replaceAll('+', '-').replaceAll('/', '_'))
  const texts = [...base64, ...url, bytes.toString('hex')].map(encoded => Buffer.from(encoded))
  return [bytes, Buffer.from(text, 'utf16le'), ...texts]
}

/** Not silence: what is all the same byte is found anywhere. */
function hasSubstance(piece: Uint8Array): boolean {
  return new Set(piece).size >= 8
}
