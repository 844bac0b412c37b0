// Reads TAP files, lists each test file with its counts (--brief: those that failed), shows what was skipped and why, and what failed, and
// ends with "N passed, N failed".
import { readFileSync } from 'node:fs'

/** So many lines before and after a failure are shown: comments say how it came about, the diagnosis what was wanted. */
const [BEFORE, AFTER] = [12, 30]

const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
const [, , ...paths] = process.argv
const brief = paths[0] === '--brief' && paths.shift() !== undefined
for (const path of paths) {
  let file = null
  let unfinished = 0
  const lines = readFileSync(path, 'utf8').split('\n')
  for (const [at, line] of lines.entries()) {
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
    if (counts) {
      const outcome = / # (SKIP|TODO)/.test(result[3]) ? 'skipped' : result[2] ? 'failed' : 'passed'
      file[outcome]++
      if (outcome === 'skipped') console.log(`skipped ${file.name}:${result[3]}`)
      if (outcome === 'failed') failures.push({ file: file.name, lines, at })
    } else if (result[2] && file.failed === 0) {
      file.failed++
      failures.push({ file: file.name, lines, at })
    }
    if (indent === 0) {
      const { name, passed, failed, skipped } = file
      if (failed || !brief)
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
for (const { file, lines, at } of failures.slice(0, 10)) {
  const rest = lines.slice(at + 1, at + AFTER)
  const end = rest.findIndex(line => /^ *\.\.\.$/.test(line))
  console.log(`== failed in ${file}`)
  console.log([...lines.slice(Math.max(0, at - BEFORE), at + 1), ...rest.slice(0, end + 1 || AFTER)].join('\n'))
}
if (total.passed === 0) total.failed++
if (total.skipped > 0) console.log(`${total.skipped} skipped: the reasons are printed above`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 ? 1 : 0)
