import type { ListedDevice } from './sound-system.js'

/** Converters, and other ways to the same devices: right for whoever configures ALSA, noise for whoever wants to talk. */
const NOISE =
  /^(?:null|lavrate|samplerate|speexrate|speex|jack|oss|upmix|vdownmix|(?:sysdefault|hw|front|rear|center_lfe|side|surround\d+|iec958|spdif|hdmi|dmix|dsnoop|usbstream|dca|a52)(?::.*)?)$/

/** Devices in what `arecord -L` or `aplay -L` prints: a name at the start of a line, what it is in the indented ones below. */
export function parseAlsaDevices(text: string): ListedDevice[] {
  return text
    .split(/\n(?=\S)/)
    .map(block => block.split('\n').map(line => line.trim()))
    .filter(([id = '']) => id !== '' && !NOISE.test(id))
    .map(([id = '', what = '']) => ({ id, name: what === '' ? id : what, isDefault: id === 'default' }))
}

/** Whether `arecord -l` or `aplay -l` tells of a card. */
export function hasCards(text: string): boolean {
  return /^card \d+:/m.test(text)
}
