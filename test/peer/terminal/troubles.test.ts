/** The pages about troubles, and all papers that people read: links lead somewhere, and no name or code is left unexplained. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { endReasons } from '../../../peer/call/events.js'
import { EXIT } from '../../../peer/terminal/exit-codes.js'
import { peerCommand } from '../../../peer/terminal/options.js'
import { subcommands } from '../../../peer/terminal/subcommands.js'
import { inOneLine, pageOf } from '../../../peer/terminal/troubles.js'
import { refusals } from '../../../protocol/signaling.js'
import { serverCommand } from '../../../signaling/options.js'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const filesIn = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .map(name => join(folder, name))

const pages = [...filesIn('peer/troubles', '.md'), ...filesIn('signaling/troubles', '.md')]
const papers = ['README.md', ...['protocol', 'peer', 'signaling', 'test'].flatMap(folder => filesIn(folder, '.md'))]
const explained = new Set(pages.flatMap(page => [...read(page).matchAll(/`(\w+)`/g)].map(([, name]) => name!)))

/** As GitHub makes them of headings. */
function anchorsIn(text: string): string[] {
  const headings = [...text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!)
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

t.test('every link leads to a file that is there, and to a heading in it', async t => {
  let links = 0
  for (const paper of papers) {
    const text = read(paper).replace(/^```.*?^```/gms, '')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      links++
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? paper : relative(root, join(root, dirname(paper), path))
      if (!existsSync(join(root, file))) t.fail(`${paper}: ${target} leads nowhere`)
      else if (anchor !== undefined && !anchorsIn(read(file)).includes(anchor))
        t.fail(`${paper}: ${target}: there is no such heading`)
    }
  }
  t.ok(links > 40, `${links} links in ${papers.length} papers`)
})

t.test('every page is in the table of contents, which README.md links to', async t => {
  const contents = 'peer/troubles/README.md'
  t.match(read('README.md'), `](${contents})`)
  const targets = [...read(contents).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => join(dirname(contents), target!))
  t.same(
    pages.filter(page => page !== contents && !targets.includes(page)),
    [],
  )
})

t.test('every exit code has its line there', async t => {
  const table = read('peer/troubles/README.md').split('## By exit code')[1] ?? ''
  t.same(
    Object.values(EXIT).filter(code => !new RegExp(`^\\| ${code} +\\| \\w`, 'm').test(table)),
    [],
  )
})

t.test('every name of an error that a person may meet is explained on a page', async t => {
  const sources = [...filesIn('peer', '.ts'), ...filesIn('signaling', '.ts')].map(read)
  const made = sources.flatMap(text => [
    ...text.matchAll(/new (?:Command|Audio|Server)Problem\(\s*'(\w+)'/g),
    ...text.matchAll(/\{\s*name: '(\w+)',\s*message/g),
  ])
  const types = ['peer/audio/audio.ts', 'signaling/server-problem.ts', 'protocol/node-state-problem.ts'].flatMap(
    path => [...(/type \w+ProblemName =([^;\n]*\n)( {2}\| '\w+'\n)+/.exec(read(path))?.[0] ?? '').matchAll(/'(\w+)'/g)],
  )
  const names = new Set([...made, ...types].map(([, name]) => name!))
  for (const known of ['noId', 'portInUse', 'noSoundSystem', 'cannotWrite', 'badStateDir', 'crash', 'badCommand'])
    t.ok(names.has(known), `${known} is found in the sources`)
  const all = [...names, ...endReasons, ...refusals]
  t.same(
    all.filter(name => !explained.has(name)),
    [],
  )
  t.comment(`${new Set(all).size} names`)
})

t.test('pages name only options that there are', async t => {
  const own = subcommands.flatMap(({ options = [] }) => options.map(([flag]) => flag))
  const help = [peerCommand('0').helpInformation(), serverCommand('0').helpInformation(), ...own].join('\n')
  const others = new Set(['--user', '--start', '--omit', '--no-save', '--network', '--device', '--version', '--help'])
  for (const page of pages)
    for (const [option] of read(page).matchAll(/--[a-z][a-z-]+/g))
      if (!others.has(option) && !help.includes(option)) t.fail(`${page}: there is no ${option}`)
  t.ok(help.includes('--stun-port') && help.includes('--route'))
})

t.test('a problem names its page, where there is one', async t => {
  const withPage = [
    ...endReasons,
    'noSoundSystem',
    'portInUse',
    'codecBroken',
    'noEchoCanceller',
    'crash',
    'noEngine',
  ].filter(pageOf)
  for (const name of withPage) {
    const page = pageOf(name) ?? ''
    t.ok(pages.includes(page) && read(page).includes(`\`${name}\``), `${page} explains ${name}`)
  }
  t.equal(withPage.length, endReasons.length - 2 + 6, 'hanging up is no trouble')
  t.equal(
    inOneLine({ name: 'noRoute', message: 'No way.', hint: 'Try.' }),
    'No way. Try. More: peer/troubles/never-direct.md',
  )
  t.equal(inOneLine({ name: 'badId', message: 'No id.', hint: '' }), 'No id.')
})
