// Reads TAP files, lists each test file with its counts, and ends with "N passed, N failed".
import { readFileSync } from 'node:fs'

const total = { passed: 0, failed: 0, skipped: 0 }
for (const path of process.argv.slice(2)) {
  let file = null
  let unfinished = 0
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const subtest = /^( *)# Subtest: (.*)$/.exec(line)
    if (subtest) {
      unfinished++
      if (subtest[1] === '') file = { name: subtest[2], passed: 0, failed: 0, skipped: 0, open: [] }
      file?.open.push({ indent: subtest[1].length, leaves: 0 })
      continue
    }
    const result = /^( *)(not )?ok \d+(.*)$/.exec(line)
    if (!result || !file) continue
    const indent = result[1].length
    const closed = file.open.at(-1)?.indent === indent ? file.open.pop() : null
    if (closed) unfinished--
    // The result of a subtest repeats those of its assertions, unless it has none or fails for another reason.
    const counts = !closed || closed.leaves === 0
    if (file.open.length > 0) file.open.at(-1).leaves++
    if (counts) file[/ # (SKIP|TODO)/.test(result[3]) ? 'skipped' : result[2] ? 'failed' : 'passed']++
    else if (result[2] && file.failed === 0) file.failed++
    if (indent === 0) {
      const { name, passed, failed, skipped } = file
      console.log(
        `${failed ? 'FAILED ' : 'ok     '}${String(passed).padStart(6)} passed ${failed} failed ${skipped} skipped  ${name}`,
      )
      total.passed += passed
      total.failed += failed
      total.skipped += skipped
      file = null
    }
  }
  if (unfinished > 0) {
    console.log(`${path} ends in the middle of a test`)
    total.failed++
  }
}
if (total.passed === 0) total.failed++
if (total.skipped > 0) console.log(`${total.skipped} skipped: the reasons are printed above`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 ? 1 : 0)
