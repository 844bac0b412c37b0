import t from 'tap'
import { findFaults, renderReport, type Way } from './report.js'

const good: Way = {
  listener: 'ABC',
  speaker: 'XYZ',
  route: 'relay',
  firstSoundMs: 812.4,
  delayP50: 64.6,
  delayP95: 81.2,
  framesLost: 2,
  framesConcealed: 3,
  frames: 750,
  gaps: 1,
  longestGapMs: 20,
  stoi: 0.9712,
  estoi: 0.9541,
  kbps: 49.9,
  verifiedBy: 'password',
  code: 'ABCDEF',
  heardFile: 'demo-output/ABC-heard.wav',
}
const other: Way = { ...good, listener: 'XYZ', speaker: 'ABC' }

t.test('finds nothing wrong with a good call', async t => {
  t.same(findFaults([good, other]), [])
})

t.test('names what is wrong', async t => {
  const faults = (change: Partial<Way>) => findFaults([{ ...good, ...change }, other])
  t.match(faults({ stoi: 0.9 }), [/^ABC understood XYZ badly: STOI 0.900/])
  t.match(faults({ stoi: Number.NaN }), [/What ABC heard is not what XYZ said/])
  t.match(faults({ firstSoundMs: undefined, stoi: Number.NaN }), [/^ABC heard nothing/])
  t.match(faults({ verifiedBy: 'nothing' }), [/did not verify XYZ/])
  t.match(faults({ code: 'GHIJKL' }), [/different codes: GHIJKL, ABCDEF/])
})

t.test('renders a column for each way, and no column is cut', async t => {
  const lines = renderReport([good, { ...other, firstSoundMs: undefined, delayP50: Number.NaN, gaps: 0 }])
  const text = lines.join('\n')
  t.match(lines[0], /^ +ABC hears XYZ +XYZ hears ABC$/)
  t.match(text, /Route +relay +relay/)
  t.match(text, /First sound +after 0\.81 s +never/)
  t.match(text, /Mouth to ear +65 ms, p95 81 ms +- ms, p95 81 ms/)
  t.match(text, /Frames lost +2 of 750/)
  t.match(text, /Gaps in speech +1, longest 20 ms +none/)
  t.match(text, /STOI 0\.971, ESTOI 0\.954/)
  t.match(text, /password, code ABCDEF/)
})
