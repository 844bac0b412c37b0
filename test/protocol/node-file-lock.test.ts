import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { holdFileLock, tryFileLock, underFileLock } from '../../protocol/node-file-lock.js'
import { ownMark, stillRuns } from '../../protocol/node-process-mark.js'

/** What a holder leaves, last touched so many seconds ago. */
function leave(path: string, text: string, secondsAgo: number): void {
  writeFileSync(path, text)
  const at = Date.now() / 1000 - secondsAgo
  utimesSync(path, at, at)
}
const mark = (changes: object) => JSON.stringify({ ...ownMark, token: 'dead', ...changes })

t.test('is held by one at a time, and leaves nothing', async t => {
  const path = join(t.testdir(), 'lock')
  const lock = tryFileLock(path)
  t.ok(lock)
  t.equal(tryFileLock(path), null)
  t.throws(() => underFileLock(path, () => t.fail('held'), 20), { name: 'LockHeld' })
  t.same(readdirSync(t.testdirName), ['lock'])
  lock?.release()
  t.equal(
    underFileLock(path, () => {
      t.equal(tryFileLock(path), null)
      return 7
    }),
    7,
  )
  t.same(readdirSync(t.testdirName), [])
})

t.test('is released when the work throws', async t => {
  const path = join(t.testdir(), 'lock')
  t.throws(
    () =>
      underFileLock(path, () => {
        throw new Error('work')
      }),
    { message: 'work' },
  )
  t.same(readdirSync(t.testdirName), [])
})

t.test('of a process that does not run is taken over; also when the taking over was cut short', async t => {
  const path = join(t.testdir(), 'lock')
  // Above what Linux, macOS and Windows give.
  const gone = mark({ pid: 2 ** 30 })
  leave(path, gone, 0)
  tryFileLock(path)?.release()
  t.same(readdirSync(t.testdirName), [])
  leave(path, gone, 0)
  const claim = `${path}.${createHash('sha256').update(gone).digest('hex').slice(0, 8)}`
  const taking = tryFileLock(claim)
  t.equal(tryFileLock(path), null, 'someone else is removing it')
  taking?.release()
  leave(claim, mark({ pid: 2 ** 30 - 1 }), 0)
  const lock = tryFileLock(path)
  t.ok(lock)
  t.same(readdirSync(t.testdirName), ['lock'])
  lock?.release()
})

t.test('of another process with the same number is taken over', { skip: ownMark.began === null }, async t => {
  const path = join(t.testdir(), 'lock')
  leave(path, mark({ began: '1' }), 0)
  t.ok(tryFileLock(path))
})

t.test('of a holder that cannot be seen counts for as long as it is touched', async t => {
  const path = join(t.testdir(), 'lock')
  for (const text of [mark({ where: 'elsewhere', pid: 1 }), '', '{', '[]', '{"pid":"x"}']) {
    leave(path, text, 5)
    t.equal(tryFileLock(path), null, text)
    leave(path, text, 60)
    const lock = tryFileLock(path)
    t.ok(lock, text)
    lock?.release()
  }
  leave(path, mark({}), 3600)
  t.equal(tryFileLock(path), null, 'one that is seen to run keeps it, however old: a machine may have slept')
})

t.test('a lock that is not ours any more is left alone', async t => {
  const path = join(t.testdir(), 'lock')
  const lock = tryFileLock(path)
  writeFileSync(path, 'of somebody else')
  lock?.release()
  t.equal(readFileSync(path, 'utf8'), 'of somebody else')
})

t.test('is held for as long as a program runs', async t => {
  const path = join(t.testdir(), 'lock')
  const lock = await holdFileLock(path)
  await t.rejects(holdFileLock(path), { name: 'LockHeld' })
  const next = holdFileLock(path)
  lock.release()
  ;(await next).release()
  t.same(readdirSync(t.testdirName), [])
})

t.test('a process is told from others', async t => {
  t.equal(stillRuns(ownMark), true)
  t.equal(stillRuns({ ...ownMark, where: 'elsewhere' }), null)
  t.equal(stillRuns({ ...ownMark, began: null }), true)
  t.equal(stillRuns({ ...ownMark, began: null, pid: 2 ** 30 }), false)
})
