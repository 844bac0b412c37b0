import t from 'tap'
import { numberOf, parseExposition } from './exposition.js'

const good = `# HELP a_total How many.
# TYPE a_total counter
a_total{why="x\\"y",how="1"} 3
a_total{why="z",how="1"} 0

# HELP b Now.
# TYPE b gauge
b -1.5e-3

# HELP c Long.
# TYPE c histogram
c_bucket{le="0.1"} 1
c_bucket{le="+Inf"} 2
c_sum 7.5
c_count 2
`

t.test('reads what Prometheus reads', async t => {
  const families = parseExposition(good)
  t.same([...families.keys()], ['a_total', 'b', 'c'])
  t.equal(families.get('a_total')?.help, 'How many.')
  t.equal(numberOf(families, 'a_total', { how: '1', why: 'x\\"y' }), 3)
  t.equal(numberOf(families, 'b'), -0.0015)
  t.throws(() => numberOf(families, 'a_total', { why: 'z' }), /there is no/)
})

const bad: [what: string, from: string | RegExp, to: string, says: RegExp][] = [
  ['an end in the middle of a line', /\n$/, '', /does not end/],
  ['a sample without a value', 'b -1.5e-3', 'b', /no sample/],
  ['a value that is none', '-1.5e-3', 'few', /no sample/],
  ['a name that is none', 'b -1', '1b -1', /no sample/],
  ['a label without quotes', 'why="z"', 'why=z', /no sample/],
  ['a quote in a label', 'x\\"y', 'x"y', /no sample/],
  ['a label twice', 'why="z"', 'how="z"', /no sample/],
  ['a comma too many', 'how="1"} 0', 'how="1",} 0', /no sample/],
  ['a series twice', '="z"', '="x\\"y"', /series twice/],
  ['a family twice', 'HELP b', 'HELP a_total', /second/],
  ['a type that there is not', 'b gauge', 'b gouge', /unknown type/],
  ['a family without a type', '# TYPE b gauge\n', '', /outside/],
  ['a family without a help', '# HELP b Now.\n', '', /without its help/],
  ['a sample of another family', 'b -1', 'd -1', /not of b/],
  ['a family without samples', 'b -1.5e-3\n', '', /no samples/],
  ['a counter with a name of something else', /a_total/g, 'a', /not called so/],
  ['a counter below nothing', '} 3', '} -3', /less than nothing/],
  ['a label that other types have', 'b -1', 'b{quantile="0.5"} -1', /label of another type/],
  ['buckets that fall', 'le="0.1"} 1', 'le="0.1"} 3', /falls/],
  ['buckets in disorder', 'c_bucket{le="0.1"} 1\n', 'c_bucket{le="9"} 1\nc_bucket{le="0.1"} 1\n', /falls/],
  ['a histogram without its last bucket', 'c_bucket{le="+Inf"} 2\n', '', /not whole/],
  ['a count that is not the last bucket', 'c_count 2', 'c_count 3', /not whole/],
  ['a histogram without a sum', 'c_sum 7.5\n', '', /no sum/],
]
for (const [what, from, to, says] of bad)
  t.test(`refuses ${what}`, async t => {
    const text = good.replace(from, to)
    t.not(text, good)
    t.throws(() => parseExposition(text), says)
  })
