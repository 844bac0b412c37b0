/** Speech, noises of a room, and how much of them is left: all the same each time. 48 kHz, samples from -1 to 1. */
import { whiteNoise } from '../../../measure/noise.js'
import { resample } from '../../../measure/resample.js'
import { rms } from '../../../measure/sound.js'
import { readWav } from '../../../measure/wav.js'
import { type SpeechName, speechPath } from '../../../speech/speech.js'

export const RATE = 48_000

/** A recording of test/speech: -20 dBFS while somebody speaks. */
export function speech(name: SpeechName): Float32Array {
  const { samples, rate } = readWav(speechPath(name))
  return resample(samples, rate, RATE)
}

/** Noises by name: what a room has, and what a laboratory has. */
export const noises = {
  white: (length: number) => Float32Array.from(whiteNoise(length, 11)),
  /** 3 dB an octave, by P. Kellet's filter of three poles. */
  pink: (length: number) => {
    let [a, b, c] = [0, 0, 0]
    return Float32Array.from(whiteNoise(length, 12), white => {
      a = 0.99765 * a + white * 0.099046
      b = 0.963 * b + white * 0.2965164
      c = 0.57 * c + white * 1.0526913
      return a + b + c + white * 0.1848
    })
  },
  /** 50 Hz and its harmonics, up to 600 Hz, with a little hiss. */
  hum: (length: number) => {
    const hiss = whiteNoise(length, 13)
    return Float32Array.from({ length }, (_, i) => {
      let sum = 0.02 * hiss[i]!
      for (let k = 1; k <= 12; k++) sum += Math.sin((2 * Math.PI * 50 * k * i) / RATE + k * k) / k
      return sum
    })
  },
  /** Air (6 dB an octave above 150 Hz) that beats a little with its blades, and a motor. */
  fan: (length: number) => {
    const white = whiteNoise(length, 14)
    let air = 0
    return Float32Array.from({ length }, (_, i) => {
      air += (white[i]! - air) * 0.0195
      const beat = 1 + 0.2 * Math.sin((2 * Math.PI * 23 * i) / RATE)
      return air * beat + 0.02 * Math.sin((2 * Math.PI * 184 * i) / RATE)
    })
  },
} as const

export type NoiseName = keyof typeof noises

export function dB(power: number): number {
  return 10 * Math.log10(power)
}

/** RMS, dBFS. */
export function level(samples: Float32Array): number {
  return 20 * Math.log10(rms(samples))
}

/** The samples at this level, dBFS. */
export function at(db: number, samples: Float32Array): Float32Array {
  const gain = 10 ** ((db - level(samples)) / 20)
  return samples.map(sample => sample * gain)
}

export function mixed(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((sample, i) => sample + (b[i] ?? 0))
}

export function toInt16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, sample => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))))
}

export function toFloat(samples: Int16Array): Float32Array {
  return Float32Array.from(samples, sample => sample / 32768)
}

export function joined(...parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let place = 0
  for (const part of parts) {
    out.set(part, place)
    place += part.length
  }
  return out
}

export const seconds = (s: number) => new Float32Array(s * RATE)

/** Speech to all else, dB, whatever the level: J. Le Roux et al., "SDR - half-baked or well done?", 2019 (SI-SDR). */
export function purity(clean: Float32Array, heard: Float32Array): number {
  let [own, cross] = [0, 0]
  for (let i = 0; i < clean.length; i++) {
    own += clean[i]! ** 2
    cross += clean[i]! * heard[i]!
  }
  const part = cross / own
  let [speech, rest] = [0, 0]
  for (let i = 0; i < clean.length; i++) {
    speech += (part * clean[i]!) ** 2
    rest += (heard[i]! - part * clean[i]!) ** 2
  }
  return dB(speech / rest)
}
