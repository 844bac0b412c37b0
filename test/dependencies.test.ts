/** What runs at a user's: the lock file is held to the table of SECURITY.md, and to what that promises. */
import { readFileSync } from 'node:fs'
import t from 'tap'

interface Locked {
  readonly version: string
  readonly resolved?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

/** Those that let anybody use, change and pass on; MPL-2.0 asks to publish changes of its own files (SPDX names). */
const PERMISSIVE = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense', 'MPL-2.0'])
const REGISTRY = 'https://registry.npmjs.org/'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
const production = locked.filter(([, { dev }]) => !dev)
const text = read('SECURITY.md')

/** As SPDX writes it; some packages leave the hyphen out. */
const licence = ({ license = 'none' }: Locked) => license.replace(/^MPL 2\.0$/, 'MPL-2.0')

t.test('the table names each direct dependency, and none too many, with its licence', async t => {
  const rows = [...text.matchAll(/^\| `([^`]+)` *\| (.+?) *\| (\S+) *\| (yes|no) *\|$/gm)]
  const table = rows.map(([, name, , licence, scripts]) => [name, licence, scripts])
  const truth = Object.keys(dependencies).map(name => {
    const found = lock.packages[`node_modules/${name}`]!
    return [name, licence(found), found.hasInstallScript ? 'yes' : 'no']
  })
  t.same(table, truth)
})

t.test('the number of all packages is told', async t => {
  t.match(text, `it is ${production.length} packages`)
  const native = production.filter(([path]) => path.startsWith('node_modules/@node-datachannel/'))
  t.equal(native.length, 9, 'nine systems, as the table says')
})

t.test('nothing that a user installs runs a script, and each licence is permissive', async t => {
  t.ok(production.length > Object.keys(dependencies).length, 'the whole tree')
  const scripts = production.filter(([, { hasInstallScript }]) => hasInstallScript)
  t.same(scripts, [], 'no install scripts')
  t.same(
    production.filter(([, found]) => !PERMISSIVE.has(licence(found))).map(([path, { license }]) => [path, license]),
    [],
  )
})

t.test('each package is pinned by a hash, and no other host than the public registry is named', async t => {
  t.same(
    locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path),
    [],
  )
  const elsewhere = locked.filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith(REGISTRY))
  t.same(elsewhere, [])
})
