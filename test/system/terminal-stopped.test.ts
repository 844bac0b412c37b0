/** A terminal that takes nothing for a while, as in the copy mode of GNU screen: the call goes on. */
import t from 'tap'
import { Lab } from '../lab/lab.js'
import { speechPath } from '../speech/speech.js'
import { screenCall } from './screen-call.js'
import { Terminal } from './terminal.js'

/** Long enough for the system's buffer between program and terminal, some 16 kB, to be full, ms. */
const STOPPED_MS = 30_000

t.test('a terminal that stops does not stop the call', { skip: Terminal.missing() ?? false }, async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const args = ['--mic', `file:${speechPath('congratulations')}`, '--speaker', 'none']
  const { terminal, other } = await screenCall(t, lab, { args, otherArgs: args })
  const from = other.events.length
  await terminal.stopFor(STOPPED_MS)
  const meanwhile = other.events.slice(from)
  const stats = meanwhile.filter(event => event.event === 'stats')
  const silent = meanwhile.filter(event => event.event === 'state' && event.reason === 'silent')
  t.comment(`${stats.length} seconds heard`)
  t.ok(stats.length > STOPPED_MS / 2_000)
  t.same(silent, [], 'the other side hears it all the time')
  const screen = await terminal.until(/^── XYZ ── NOT VERIFIED ─+ 00:[3-9]\d ──$/m)
  t.equal(screen.filter(line => line.startsWith('── XYZ')).length, 1, 'and it is drawn again afterwards')
  await terminal.type('q')
  await terminal.until(/^You hung up\.\n\$ ?$/m)
})
