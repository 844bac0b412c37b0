import { readFileSync } from 'node:fs'

/** The package's version. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL(import.meta.resolve('voicechat/package.json')), 'utf8'),
).version
