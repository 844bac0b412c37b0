import t from 'tap'
import type { AudioProblem } from '../../../../peer/audio/audio.js'
import { pulse } from '../../../../peer/audio/devices/pulse.js'
import { Whereabouts } from '../../../../peer/audio/devices/whereabouts.js'

const settle = () => new Promise(resolve => setImmediate(resolve))

function world(device: string | null, ...ids: string[]) {
  const there = new Set(ids)
  const list = async () => [...there].map(id => ({ id, name: id, isDefault: false }))
  const log: string[] = []
  const at = new Whereabouts({ ...pulse, list }, 'speaker', device, {
    gone: (problem: AudioProblem) => log.push(`${problem.name} ${problem.message}`),
    moved: device => log.push(`moved ${device}`),
    label: id => `"${id}"`,
  })
  return { at, there, log }
}

t.test('a device that is not there any more is lost, whatever took its place', async t => {
  const { at, there, log } = world('spk', 'spk', 'other')
  at.at('spk')
  t.notOk(at.doubtful)
  there.delete('spk')
  at.at('other')
  t.ok(at.doubtful)
  await settle()
  t.same(log, ['deviceLost The speaker "spk" went away.'])
  t.equal(at.device, 'spk', 'this is the one to look for')
})

t.test('a sound server that took another one from the start is found out', async t => {
  const { at, log } = world('spk', 'other')
  at.at('other')
  await settle()
  t.match(log, [/deviceLost/])
})

t.test('a person may move it while its device is there', async t => {
  const { at, there, log } = world(null, 'spk', 'other', 'third')
  at.at('spk')
  at.at('other')
  at.at('third')
  await settle()
  t.same(log, ['moved third'])
  t.notOk(at.doubtful)
  there.delete('third')
  at.at('spk')
  await settle()
  t.match(log[1], /deviceLost .* "third"/)
})

t.test('a move there and back is none', async t => {
  const { at, log } = world('spk', 'spk', 'other')
  at.at('spk')
  at.at('other')
  at.at('spk')
  await settle()
  t.same(log, [])
  t.equal(at.device, 'spk')
})

t.test('an alias is whatever device it stands for', async t => {
  const { at, log } = world('@DEFAULT_SINK@', 'spk')
  at.at('spk')
  await settle()
  t.same(log, [])
  t.equal(at.device, 'spk')
})
