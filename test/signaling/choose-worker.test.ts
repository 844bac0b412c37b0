import t from 'tap'
import { chooseWorker } from '../../signaling/workers/choose-worker.js'

const all = [true, true, true]

t.test('a connection goes to the worker that it names', async t => {
  for (const n of [0, 1, 2]) t.equal(chooseWorker(`/?server=${n}`, all, 0), n)
  t.equal(chooseWorker('/?server=1&pair=x', all, 0), 1)
})

t.test('one pair goes to one worker, pairs to all of them', async t => {
  const chosen = new Set<number | null>()
  for (let n = 0; n < 50; n++) {
    const worker = chooseWorker(`/?pair=p${n}`, all, n)
    t.equal(chooseWorker(`/?pair=p${n}`, all, n + 1), worker)
    chosen.add(worker)
  }
  t.same([...chosen].sort(), [0, 1, 2])
})

t.test('others go round', async t => {
  t.same(
    [0, 1, 2, 3].map(any => chooseWorker('/', all, any)),
    [0, 1, 2, 0],
  )
  t.equal(chooseWorker('', all, 1), 1)
})

t.test('a worker that is not ready is passed over', async t => {
  t.equal(chooseWorker('/?server=1', [true, false, true], 0), 2)
  t.equal(chooseWorker('/?server=7', [true, false, true], 0), 2)
  for (const url of ['/?server=-1', '/?server=x', '/?server=99999', '/?pair='])
    t.type(chooseWorker(url, all, 0), 'number')
  t.equal(chooseWorker('/', [false, false], 0), null)
})
