import { fileURLToPath } from 'node:url'

export type SpeechName = 'congratulations' | 'no-connection'

/** Path of a recording in this folder (the compiled file lies in dist/test/speech). See README.md for what they are. */
export function speechPath(name: SpeechName): string {
  return fileURLToPath(new URL(`../../../test/speech/${name}.wav`, import.meta.url))
}
