/**
 * `node dist/test/run.js LANE [FILE...]`: runs the test files of a lane, or those of them that are named, by tap as a library. Its TAP goes to
 * .tap/report/LANE.tap. tap's own command loads hooks for coverage into each test file and into each program that one starts: a second each,
 * and other programs than those that people run.
 */
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdirSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** What a lane takes, how many files of it at a time, and how long one may take, s. */
interface Lane {
  readonly takes: (folder: string) => boolean
  readonly jobs: number
  readonly timeoutS: number
}

const APART = ['quiet', 'system', 'computing']
const apart = (folder: string, jobs: number): Lane => ({ takes: name => name === folder, jobs, timeoutS: 600 })
const LANES: Readonly<Record<string, Lane>> = {
  quick: { takes: name => !APART.includes(name), jobs: 2, timeoutS: 120 },
  quiet: apart('quiet', 1),
  system: apart('system', 2),
  computing: apart('computing', 1),
}
/** The end of what a test file said beside its TAP is shown when it fails, so many characters of it. */
const SAID = 10_000

const TESTS = fileURLToPath(new URL('.', import.meta.url))
const ROOT = resolve(TESTS, '../..')

function filesOf(lane: Lane): string[] {
  const all = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  return all
    .filter(path => path.endsWith('.test.js') && lane.takes(path.split(sep)[0]!))
    .map(path => join(TESTS, path))
    .sort()
}

const [name = '', ...named] = process.argv.slice(2)
const lane = LANES[name]
if (!lane) {
  console.error(`Which lane? One of ${Object.keys(LANES).join(', ')}.`)
  process.exit(2)
}
const files = named.length > 0 ? named.map(path => resolve(path)) : filesOf(lane)
const report = resolve(ROOT, `.tap/report/${name}.tap`)
mkdirSync(resolve(report, '..'), { recursive: true })

const said = new Map<string, string>()
let done = 0
t.register()
t.pipe(createWriteStream(report)).on('close', count)
t.setTimeout(0)
t.jobs = lane.jobs
t.plan(files.length)
t.on('spawn', file =>
  file.on('process', program =>
    program.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.set(file.name, `${said.get(file.name) ?? ''}${text}`.slice(-SAID))
    }),
  ),
)
// tap puts its hooks into NODE_OPTIONS: `env` takes them out again.
const plainly = [`NODE_OPTIONS=${process.env.NODE_OPTIONS ?? ''}`, process.execPath, '--enable-source-maps']
for (const path of files) {
  const file = relative(ROOT, path)
  const results = t.spawn('env', [...plainly, path], {
    name: file,
    cwd: ROOT,
    env: { ...process.env, TAP_TIMEOUT: String(lane.timeoutS) },
    buffered: true,
    timeout: lane.timeoutS * 1_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  void results.then(all => {
    done++
    if (process.stdout.isTTY) process.stdout.write(`\r${name}: ${done} of ${files.length} files\r`)
    if (!all?.ok) console.log(`FAILED ${file}\n${said.get(file) ?? ''}`)
    said.delete(file)
  })
}

/** Shows what was skipped and what failed, and the sum. */
function count(): void {
  const { status } = spawnSync(process.execPath, ['.ci/count.mjs', '--brief', report], { cwd: ROOT, stdio: 'inherit' })
  process.exitCode ||= status ?? 1
}
