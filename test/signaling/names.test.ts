import t from 'tap'
import { defaultLimits } from '../../signaling/limits.js'
import { Names, savedNames } from '../../signaling/names.js'

const UNUSED_DAYS = defaultLimits.nameDays

const DAY = 86_400_000
const key = (letter: string) => letter.repeat(43)

t.test('binds an id to the first key, in any case of letters', async t => {
  const names = new Names(10)
  t.equal(names.holderOf('Anna', 0), undefined)
  t.equal(names.claim('Anna', key('A'), 0), 'bound')
  t.equal(names.holderOf('ANNA', 0), key('A'))
  t.equal(names.claim('anna', key('A'), 0), 'known')
  t.equal(names.claim('aNNa', key('B'), 0), 'taken')
})

t.test('frees a name that nobody used for 30 days', async t => {
  const names = new Names(10)
  names.claim('a', key('A'), 0)
  names.claim('a', key('A'), 5 * DAY)
  t.equal(names.claim('a', key('B'), (5 + UNUSED_DAYS) * DAY), 'taken')
  t.equal(names.claim('a', key('B'), (6 + UNUSED_DAYS) * DAY), 'bound')
  t.equal(names.claim('a', key('A'), (6 + UNUSED_DAYS) * DAY), 'taken')
})

t.test('refuses new names when it is full, and never forgets a held one', async t => {
  const names = new Names(2)
  names.claim('a', key('A'), 0)
  names.claim('b', key('B'), 20 * DAY)
  t.equal(names.claim('c', key('C'), 20 * DAY), 'full')
  t.equal(names.claim('a', key('A'), 20 * DAY), 'known')
  t.equal(names.claim('c', key('C'), 20 * DAY), 'full')
  names.claim('b', key('B'), 45 * DAY)
  t.equal(names.claim('c', key('C'), 51 * DAY), 'bound', 'a was unused for 31 days')
  t.equal(names.size, 2)
})

t.test('holds names of object members like any other', async t => {
  const names = new Names(10)
  t.equal(names.holderOf('__proto__', 0), undefined)
  t.equal(names.claim('__proto__', key('A'), 0), 'bound')
  t.equal(names.holderOf('constructor', 0), undefined)
})

t.test('reports what is worth saving, loads what it saved', async t => {
  const names = new Names(10)
  let changes = 0
  names.onChange = () => changes++
  names.claim('Anna', key('A'), DAY)
  names.claim('anna', key('A'), DAY + 5)
  t.equal(changes, 1)
  names.claim('anna', key('A'), 2 * DAY)
  t.equal(changes, 2)
  const again = new Names(10)
  again.load(JSON.parse(JSON.stringify(names.save())))
  t.equal(again.claim('ANNA', key('B'), 3 * DAY), 'taken')
  t.same(again.save(), names.save())
})

t.test('gives a released name to whoever comes next', async t => {
  const names = new Names(10)
  let changes = 0
  names.claim('Anna', key('A'), 0)
  names.onChange = () => changes++
  names.release('ANNA')
  t.equal(changes, 1)
  names.release('ben')
  t.equal(changes, 1, 'nothing was there')
  t.equal(names.claim('anna', key('B'), 0), 'bound')
})

t.test('takes from a file only what it could have written', async t => {
  const good = key('A')
  for (const [text, fits] of [
    [`{"version":1,"names":[["a","${good}",1]]}`, true],
    ['null', false],
    ['[]', false],
    ['{"version":1}', false],
    ['{"version":2,"names":[]}', false],
    ['{"version":1,"names":[["a","short",1]]}', false],
    [`{"version":1,"names":[["a b","${good}",1]]}`, false],
    [`{"version":1,"names":[["a","${good}","1"]]}`, false],
    [`{"version":1,"names":[],"more":1}`, false],
  ] as const)
    t.equal(savedNames.safeParse(JSON.parse(text)).success, fits, text)
})
