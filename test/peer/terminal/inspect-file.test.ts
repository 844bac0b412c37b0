import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { InspectionLine } from '../../../peer/call/inspection.js'
import { InspectFile } from '../../../peer/terminal/inspect-file.js'
import type { Problem } from '../../../peer/terminal/output.js'

const folder = mkdtempSync(join(tmpdir(), 'voicechat-inspect-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const line = (t: number, type = 'mute'): InspectionLine => ({ t, event: { type }, from: 'a', to: 'b' })
const written = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(row => row !== '')
    .map(row => JSON.parse(row).t)

function opened(path: string) {
  const problems: Problem[] = []
  const file = new InspectFile(path)
  file.onProblem = problem => problems.push(problem)
  return { file, problems }
}

/** Until it holds so many lines. */
async function holds(path: string, lines: number): Promise<void> {
  while (written(path).length < lines) await new Promise(resolve => setTimeout(resolve, 5))
}

t.test('empties the file, and writes all lines in order, now and then and at the end', async t => {
  const path = join(folder, 'lines')
  writeFileSync(path, 'old\nlines\n')
  const { file, problems } = opened(path)
  t.equal(readFileSync(path, 'utf8'), '')
  file.write(line(1))
  file.write(line(2, 'ünïcode'))
  await holds(path, 2)
  file.write(line(3))
  await holds(path, 3)
  file.write(line(4))
  file.close()
  t.strictSame(written(path), [1, 2, 3, 4])
  file.write(line(5))
  file.close()
  t.strictSame(written(path), [1, 2, 3, 4], 'closed is closed')
  t.strictSame(problems, [])
})

t.test('loses and doubles nothing when it is closed in the middle of a write', async t => {
  const path = join(folder, 'middle')
  const { file } = opened(path)
  const all = Array.from({ length: 2_000 }, (_, i) => i)
  file.write(line(0))
  // As long as the file waits, so right after it has handed its lines to the system and before it can hear how that went.
  const handed = new Promise(resolve => setTimeout(resolve, 100))
  for (const i of all.slice(1, 1_000)) file.write(line(i))
  await handed
  for (const i of all.slice(1_000)) file.write(line(i))
  file.close()
  await new Promise(resolve => setTimeout(resolve, 20))
  t.strictSame(written(path), all)
})

t.test('is for its owner alone', async t => {
  const path = join(folder, 'own')
  opened(path).file.close()
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('tells one problem when it can be written no more, and goes on without', async t => {
  // A file of the system that opens like any other and takes no text.
  const path = '/proc/self/oom_score_adj'
  if (!existsSync(path)) return t.comment('skipped: only Linux has a file that fails this way')
  const { file, problems } = opened(path)
  file.write(line(1))
  while (problems.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  file.write(line(2))
  file.close()
  t.match(problems, [{ name: 'inspectFile', message: /cannot be written \(EINVAL\)/, hint: /folder/ }])
  const late = opened(path)
  late.file.write(line(1))
  late.file.close()
  t.match(late.problems, [{ name: 'inspectFile' }], 'also at the end')
})

t.test('does not gather without bounds', async t => {
  const { file, problems } = opened(join(folder, 'much'))
  for (let i = 0; i < 50; i++) file.write(line(i, 'x'.repeat(100_000)))
  t.match(problems, [{ name: 'inspectFile', message: /takes too long/ }])
})
