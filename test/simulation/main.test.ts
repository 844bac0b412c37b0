import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

// Many processes, each of which plays calls: minutes on a machine that has other things to do.
t.setTimeout(180_000)

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** `npm run simulate`, without the build. */
function simulate(...args: string[]): Promise<Ended> {
  const script = fileURLToPath(new URL('./main.js', import.meta.url))
  return new Promise(resolve => {
    execFile(process.execPath, [script, ...args], (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
}

t.test('plays many calls and sums up, the same bytes twice, and with one thread or two', async t => {
  const args = ['--seeds', '1..8', '--short']
  const [one, two, again] = await Promise.all([
    simulate(...args, '--jobs', '1'),
    simulate(...args, '--jobs', '2'),
    simulate(...args),
  ])
  t.match(one, { code: 0, err: '' })
  for (const part of [
    /^seeds +1\.\.8 --short$/m,
    /^calls +8, \d+ of them/m,
    /^violations +0$/m,
    /^hash +[0-9a-f]{64}$/m,
  ])
    t.match(one.out, part)
  t.equal(two.out, one.out)
  t.equal(again.out, one.out)
})

t.test('plays one call, and tells it as a timeline of both sides and the server', async t => {
  const [plain, traced, written] = await Promise.all([
    simulate('--seed', '3', '--short'),
    simulate('--seed', '3', '--short', '--trace'),
    simulate('--scenario', '{"seed":9,"lengthMs":2000,"faults":[{"at":700,"kind":"cut","who":"XYZ"}]}', '--trace'),
  ])
  for (const { code, err } of [plain, traced, written]) t.match({ code, err }, { code: 0, err: '' })
  t.ok(plain.out.split('\n').length < 20)
  t.equal(traced.out.split('\n').at(-2), plain.out.split('\n').at(-2), 'the hash is the same')
  t.match(written.out, /^ {5}700\.0 {2}- +fault: cut XYZ$/m)
  t.match(written.out, /^ +[\d.]+ {2}XYZ +server\.closed 1 cut$/m)
  t.match(written.out, /^ +[\d.]+ {2}server +ended \[[\d,]*\] \["ABC","XYZ"\] "hungUp"/m)
  t.match(written.out, /^They talked\. ABC: hungUp\. XYZ: peerHungUp\.$/m)
})

t.test('says what is wrong with its arguments', async t => {
  const mistakes: readonly (readonly [string[], RegExp])[] = [
    [[], /exactly one of/],
    [['--seed', '1', '--seeds', '1..2'], /exactly one of/],
    [['--seeds', '5..1'], /first seed/],
    [['--seeds', '1-5'], /like 1\.\.5000/],
    [['--seeds', '1..99999999999'], /whole number/],
    [['--seed', '-1'], /whole number|argument missing/],
    [['--seed', '1.5'], /whole number/],
    [['--seed', '1', '--jobs', '2'], /--jobs goes with --seeds only/],
    [['--seeds', '1..2', '--trace'], /--trace goes with --seed or --scenario only/],
    [['--seeds', '1..2', '--jobs', '0'], /whole number/],
    [['--scenario', '{"seed":1,"faults":[{"at":1,"kind":"flood"}]}'], /faults\.0\.kind/],
    [['--replay', '/nowhere/at/all'], /cannot be read/],
    [['--colour'], /unknown option/],
    [['extra', '--seed', '1'], /too many arguments/],
  ]
  const ended = await Promise.all(mistakes.map(([args]) => simulate(...args)))
  for (const [i, { code, out, err }] of ended.entries()) {
    const [args, words] = mistakes[i]!
    t.match({ code, out, err }, { code: 2, out: '', err: words }, args.join(' '))
  }
})

t.test('tells how it is used', async t => {
  const { code, out } = await simulate('--help')
  t.equal(code, 0)
  for (const option of ['--seeds', '--seed', '--scenario', '--replay', '--trace', '--short', '--jobs'])
    t.match(out, option)
})
