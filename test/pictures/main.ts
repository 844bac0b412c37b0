/** npm run pictures [-- FOLDER]: makes the pictures of README.md anew, from real calls in a real terminal. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../../protocol/reason.js'
import { Lab } from '../lab/lab.js'
import { filmCall } from './call.js'

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../peer/terminal/pictures', import.meta.url))
const lab = new Lab()
try {
  mkdirSync(folder, { recursive: true })
  for (const [name, svg] of Object.entries(await filmCall(lab))) {
    writeFileSync(join(folder, name), svg)
    console.log(`${relative('', join(folder, name))}: ${(svg.length / 1000).toFixed(0)} kB`)
  }
} catch (error) {
  console.error(`The pictures could not be made: ${reasonOf(error)}`)
  process.exitCode = 1
} finally {
  await lab.close()
}
