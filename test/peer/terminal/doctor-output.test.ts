import t from 'tap'
import { okay, warning } from '../../../peer/doctor/finding.js'
import { DoctorOutput, findingLines, summary } from '../../../peer/terminal/doctor-output.js'

t.test('a line for what was seen, and one for what to do', async t => {
  t.equal(findingLines('clock', okay('It is right.')), 'ok       clock          It is right.\n')
  t.equal(
    findingLines('nat', warning('It is\x1b[2J bad.', 'Change it.')),
    'warning  nat            It is [2J bad.\n                        -> Change it.\n',
  )
})

t.test('sums up', async t => {
  const none = { ok: 9, warning: 0, fault: 0, skipped: 0 }
  t.match(summary(none), /^Nothing is wrong\. Now try .*--test-call$/)
  t.match(summary({ ...none, skipped: 2 }), /^Nothing is wrong\. 2 not checked\./)
  t.equal(summary({ ...none, fault: 1, warning: 2 }), '1 fault and 2 warnings: see what to do above.')
})

t.test('with --json an object for each check and nothing else', async t => {
  const out: string[] = []
  const output = new DoctorOutput(
    true,
    text => out.push(text),
    () => {},
  )
  output.show('clock', okay('It is right.'))
  output.close()
  t.match(
    out.map(line => JSON.parse(line)),
    [{ event: 'check', t: Number, name: 'clock', verdict: 'ok', seen: 'It is right.', todo: '' }],
  )
  t.equal(out.length, 1)
})
