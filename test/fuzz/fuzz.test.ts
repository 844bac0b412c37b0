import { statSync } from 'node:fs'
import t from 'tap'
import { bytesOf, entryOf, pathOf, readCorpus } from './corpus.js'
import { Hunter } from './hunt.js'
import { minimise } from './minimise.js'
import { moduleOf, targets } from './targets.js'
import { type Fault, withFault } from './with-fault.js'
import type { Job, JobDone } from './worker.js'

// It computes all the time, on a machine that may have other things to do.
t.setTimeout(600_000)

const MAX_CORPUS_BYTES = 200_000
const job = (module: string, more: Partial<Job> = {}): Job => ({
  module,
  seed: 1,
  corpus: [],
  inputs: 2_048,
  ms: null,
  measure: false,
  ...more,
})
const toy = (name: string) => new URL(`./toys/${name}.js`, import.meta.url).href
const found = ({ findings }: JobDone) => findings.map(({ kind, words }) => `${kind}: ${words}`)

async function hunt(what: Job, root?: string): Promise<JobDone> {
  const hunter = new Hunter(root)
  try {
    return await hunter.hunt(what)
  } finally {
    await hunter.close()
  }
}

t.test('nothing is found in the whole corpus, nor in fresh inputs made of it', async t => {
  const hunter = new Hunter()
  for (const [name, { quick }] of Object.entries(targets)) {
    const corpus = readCorpus(name).map(bytesOf)
    t.ok(corpus.length > 0, `${name} has a corpus`)
    const done = await hunter.hunt(job(moduleOf(name), { corpus, inputs: quick }))
    t.same(found(done), [], `${name}: ${done.inputs} inputs, and ${corpus.length} of the corpus`)
    t.ok(done.inputs >= quick && done.covered.ran > 0, `${name} ran code of its own`)
  }
  await hunter.close()
})

t.test('the corpus is small, and each entry is read as it was written', async t => {
  const names = Object.keys(targets)
  const bytes = names.reduce((sum, name) => sum + statSync(pathOf(name)).size, 0)
  t.ok(bytes < MAX_CORPUS_BYTES, `${bytes} bytes`)
  for (const input of [Uint8Array.of(), Uint8Array.of(0xff, 0), Buffer.from('"a"\n'), Buffer.from('ä\u2028')])
    t.same([...bytesOf(entryOf(input))], [...input])
  t.same(entryOf(Buffer.from('a'), 'why'), { text: 'a', note: 'why' })
})

t.test('finds a crash that is several steps away, and makes its input small', async t => {
  const done = await hunt(job(toy('crash'), { inputs: 200_000 }))
  t.match(found(done), [/^throws: TypeError: the planted fault \(test\/fuzz\/toys\/crash\.[jt]s/])
  t.equal(Buffer.from(done.findings[0]?.input ?? []).toString(), 'FUZZ')
})

t.test('tries the same inputs each time, and others for another seed', async t => {
  const [one, same, other] = await Promise.all([1, 1, 2].map(seed => hunt(job(toy('crash'), { seed, inputs: 8_192 }))))
  t.strictSame(one?.corpus, same?.corpus)
  t.ok(one && one.corpus.length > 1)
  t.notSame(one?.corpus, other?.corpus)
})

t.test('finds a hang, ends it, and goes on with another target', async t => {
  const hunter = new Hunter(undefined, 2_000)
  const done = await hunter.hunt(job(toy('hang'), { inputs: 200_000 }))
  t.match(found(done), [/^hangs: runs for more than \d+ ms/])
  const input = [...(done.findings[0]?.input ?? [])]
  t.ok(input.includes(0x21) && input.includes(0), `hangs on ${input}`)
  t.same(found(await hunter.hunt(job(moduleOf('id'), { inputs: 512 }))), [])
  await hunter.close()
})

t.test('finds what keeps more and more', async t => {
  const done = await hunt(job(toy('leak'), { inputs: 20_480, measure: true }))
  t.match(
    found(done).filter(words => !words.startsWith('slow')),
    [/^grows: \d+ kB more/],
  )
})

const faults: readonly (Fault & { readonly target: string; readonly finds: RegExp })[] = [
  {
    target: 'packet',
    file: 'protocol/packet.js',
    from: ' || offset + 2 + length > bytes.length',
    to: '',
    finds: /^throws: Broken: writes byte \d+ of what it read as it was|^throws: Broken: holds no more/,
  },
  {
    target: 'wav',
    file: 'peer/audio/wav.js',
    from: 'if (end - start < 16)',
    to: 'if (false)',
    finds: /^throws: RangeError: Offset is outside the bounds of the DataView \(peer\/audio\/wav\.[jt]s/,
  },
]
for (const { target, finds, ...fault } of faults)
  t.test(`finds that ${fault.file} does not look at a length any more`, async t => {
    await withFault(fault, async root => {
      const module = `${root}test/fuzz/targets/${target}.js`
      t.match(found(await hunt(job(module, { inputs: 100_000 }), root)), [finds])
    })
  })

t.test('makes an input as small as it gets, in so many tries', async t => {
  let asked = 0
  const small = await minimise(Buffer.from('a lot of text <x> and more of it'), candidate => {
    asked++
    return Buffer.from(candidate).toString().includes('<x>')
  })
  t.equal(Buffer.from(small).toString(), '<x>')
  t.ok(asked < 200, `${asked} tries`)
  const same = await minimise(Buffer.from('abc'), () => false, 5)
  t.equal(Buffer.from(same).toString(), 'abc')
})
