/** The same seeds give the same bytes on another version of Node, taken from the npm registry. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

t.setTimeout(1_200_000)

const run = promisify(execFile)
const simulate = [fileURLToPath(new URL('../simulation/main.js', import.meta.url)), '--seeds', '1..12', '--jobs', '1']
const OTHER = process.versions.node.startsWith('24.') ? 'node@20' : 'node@24'

const hashIn = (text: string) => /^hash\s+([0-9a-f]{64})$/m.exec(text)?.[1]

const other = await run('npx', ['--yes', OTHER, '--version']).then(
  ({ stdout }) => stdout.trim(),
  () => '',
)
const skip = other === '' && `${OTHER} cannot be had: there is no way to the npm registry`

t.test('the same seeds have the same hash on Node 20 and 24', { skip }, async t => {
  t.not(other, process.version)
  const [here, there] = [await run(process.execPath, simulate), await run('npx', ['--yes', OTHER, ...simulate])]
  t.ok(hashIn(here.stdout))
  t.equal(hashIn(there.stdout), hashIn(here.stdout), `${process.version} and ${other}`)
})
