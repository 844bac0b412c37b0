/** Opus packets: from the other side, authenticated, but it may be malicious. What follows a bad one is heard all the same. */
import { FRAME_SAMPLES } from '../../../peer/audio/codec.js'
import { loadOpus } from '../../../peer/audio/opus-file.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

const codec = await loadOpus()
const encoder = codec.createEncoder()
const honest = Array.from({ length: 4 }, (_, n) =>
  encoder.encode(Int16Array.from({ length: FRAME_SAMPLES }, (_, i) => 8000 * Math.sin((n + 1) * i * 0.05))),
)

export const target: Target = {
  files: ['peer/audio/opus.js'],
  maxBytes: 1600,
  samples: [
    ...honest.map(packet => Uint8Array.of(0, packet.length, ...packet)),
    Uint8Array.of(1, 80, ...honest[0]!),
    new Uint8Array(0),
    Uint8Array.of(2, 1, 0x48, 0, 1, 0xff),
    Uint8Array.of(0, 0),
  ],
  run(input) {
    const choices = new Choices(input)
    const decoder = codec.createDecoder()
    const words = new Set<string>()
    const takes = (what: string, samples: Int16Array) => {
      holds(samples.length === FRAME_SAMPLES, 'gives one frame')
      words.add(what)
    }
    try {
      for (let n = 0; n < 6 && !choices.done; n++) {
        const what = choices.below(4)
        const length = choices.byte()
        const packet = length === 255 ? choices.rest() : choices.bytes(length)
        if (what === 2) takes('concealed', decoder.conceal())
        const result = what === 1 ? decoder.recover(packet) : decoder.decode(packet)
        if (result.ok) takes('heard', result.value)
        else words.add(result.error.name)
      }
      for (const packet of honest) holds(decoder.decode(packet).ok, 'decodes what is good after what is bad')
    } finally {
      decoder.close()
    }
    return [...words].sort().join(' ')
  },
}
