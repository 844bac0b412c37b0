import t from 'tap'
import { endOf, type Fault, faultWords } from './fault.js'
import { parseScenario, plainScenario, writeScenario } from './scenario.js'

t.test('writes only what is not as in the plainest call', async t => {
  t.equal(writeScenario(plainScenario(5)), '{"seed":5}')
  const { people, ...plain } = plainScenario(5)
  const scenario = {
    ...plain,
    people: { ...people, XYZ: { ...people.XYZ, access: { delayMs: 90 }, startMs: 300 } },
    faults: [{ at: 100, kind: 'cut', who: 'ABC' }] as Fault[],
    ending: { kind: 'both' } as const,
  }
  const text = writeScenario(scenario)
  t.equal(
    text,
    '{"seed":5,"people":{"XYZ":{"access":{"delayMs":90},"startMs":300}},' +
      '"faults":[{"at":100,"kind":"cut","who":"ABC"}],"ending":{"kind":"both"}}',
  )
  t.strictSame(parseScenario(text), { ok: true, value: scenario })
})

t.test('says what is wrong with a scenario', async t => {
  const mistake = (text: string) => {
    const parsed = parseScenario(text)
    return parsed.ok ? 'none' : parsed.error.message
  }
  t.match(mistake('{'), /not JSON/)
  t.match(mistake('7'), /^It: /)
  t.match(mistake('{}'), /^seed: /)
  t.match(mistake('{"seed":1,"faults":[{"at":1,"kind":"earthquake"}]}'), /^faults\.0\.kind: /)
  t.match(mistake('{"seed":1,"faults":[{"at":1,"kind":"cut","who":"Q"}]}'), /^faults\.0\.who: /)
  t.match(mistake('{"seed":1,"colour":"red"}'), /colour/)
})

t.test('tells a fault in words, and when it is over', async t => {
  const partition: Fault = { at: 5, kind: 'partition', between: 'all', forMs: 1_200 }
  t.equal(faultWords(partition), 'partition all for 1200 ms')
  t.equal(endOf(partition), 1_205)
  const worse: Fault = { at: 5, kind: 'worse', who: 'ABC', way: 'up', quality: { loss: 0.2 }, forMs: 10 }
  t.equal(faultWords(worse), 'worse ABC up loss 0.2 for 10 ms')
  const again: Fault = { at: 5, kind: 'again', who: 'ABC', killed: false, afterMs: 30 }
  t.equal(faultWords(again), 'again ABC not killed after 30 ms')
  t.equal(endOf(again), 35)
  t.equal(endOf({ at: 5, kind: 'cut', who: 'ABC' }), 5)
})
