/** What this package says of itself, wherever in it this runs. Node's alone. */
import { readFileSync } from 'node:fs'

const { version, engines } = JSON.parse(readFileSync(new URL(import.meta.resolve('voicechat/package.json')), 'utf8'))

export const VERSION: string = version
/** The versions of Node that it is for, as npm writes such ranges. */
export const NODE_VERSIONS: string = engines.node
