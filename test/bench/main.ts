/**
 * npm run bench [name...]: measures and prints; asserts nothing. Each part can be run alone by its name; those that take minutes are run only so.
 * Absolute figures belong to this machine and to what else it did; the ratios to yardsticks travel better.
 */
import { cpus, loadavg, totalmem } from 'node:os'
import { reasonOf } from '../../protocol/reason.js'
import { Lab } from '../lab/lab.js'
import { across } from './across.js'
import { attack } from './attack.js'
import { call } from './call.js'
import { cores } from './cores.js'
import { handshake } from './handshake.js'
import { lanes } from './lanes.js'
import { listening } from './listening.js'
import { micro } from './micro.js'
import type { Part } from './part.js'
import { pipeline } from './pipeline.js'
import { relay } from './relay.js'
import { rolling } from './rolling.js'
import { routes } from './routes.js'
import { setup } from './setup.js'
import { soak } from './soak.js'
import { voice } from './voice.js'

const parts: Readonly<Record<string, Part>> = {
  micro,
  listening,
  handshake,
  pipeline,
  setup,
  call,
  routes,
  lanes,
  attack,
  rolling,
  voice,
  relay,
  across,
  cores,
  soak,
}
/** Take minutes: only when they are named. */
const slow: readonly string[] = ['relay', 'rolling', 'voice', 'across', 'cores', 'soak']
const say = (line: string) => console.log(line)
const closers: (() => Promise<void> | void)[] = []

const names = process.argv.slice(2)
const unknown = names.filter(name => !Object.hasOwn(parts, name))
if (unknown.length) {
  console.error(`There is no part "${unknown[0]}". The parts are: ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, async () => {
    say('\nStopped.')
    await closeAll()
    process.exit(code)
  })

const [cpu] = cpus()
say(`Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores (${cpu?.model.trim()}),`)
say(`${(totalmem() / 2 ** 30).toFixed(1)} GiB. Load average before: ${load()}.`)
for (const name of names.length ? names : Object.keys(parts).filter(name => !slow.includes(name))) {
  say(`\n== ${name} ==`)
  const lab = new Lab()
  closers.push(() => lab.close())
  try {
    await parts[name]!({ say, lab, atEnd: close => void closers.push(close) })
  } catch (error) {
    say(`${name} could not finish: ${reasonOf(error)}`)
    process.exitCode = 1
  } finally {
    await closeAll()
  }
}
say(`\nLoad average after: ${load()}.`)

async function closeAll(): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) await close()
}

function load(): string {
  return loadavg()
    .map(value => value.toFixed(2))
    .join(' ')
}
