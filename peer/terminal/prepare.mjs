/**
 * `npm run prepare`: compiles all and puts the program together, unless nothing has changed since. npm runs it at an install, and npx does again
 * when it is first used in a clone: whoever loses patience then and stops it has an npx that never works there again.
 */
import { execSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
process.chdir(ROOT)
/** Holds the time of the last change to what it was built of. */
const STAMP = 'dist/.prepared'
const SOURCES = ['protocol', 'signaling', 'peer']
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json']

const within = folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(path => `${folder}/${path}`)
const times = [...FILES, ...SOURCES, ...SOURCES.flatMap(within)].map(
  path => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
)
const last = String(Math.max(...times))
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== last) {
  execSync('tsc && npm run --silent program', { stdio: 'inherit' })
  writeFileSync(STAMP, last)
}
