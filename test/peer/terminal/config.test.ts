import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { actions, config } from '../../../peer/terminal/config.js'
import { addNegations } from '../../../peer/terminal/defaults.js'
import { peerCommand } from '../../../peer/terminal/options.js'
import { SettingsFile } from '../../../peer/terminal/settings-file.js'
import { subcommands } from '../../../peer/terminal/subcommands.js'

function setup(t: Test, text: string | null = null) {
  const path = join(t.testdir(), 'peer.conf')
  if (text !== null) writeFileSync(path, text)
  const run = async (operands: readonly string[], { args = [] as string[], env = {} } = {}) => {
    const program = addNegations(peerCommand('1.2.3')).parse(args, { from: 'user' })
    let out = ''
    const write = (more: string) => {
      out += more
    }
    const io = { write, env, path, read: () => SettingsFile.read(path), now: () => 7 }
    t.equal(await config(program, operands, io), 0)
    return out
  }
  return { path, run, text: () => readFileSync(path, 'utf8') }
}

t.test('lists all settings, and where each comes from', async t => {
  const { run, path } = setup(t, 'id = ABC\nwait = 30\n')
  const given = { args: ['--mic', 'tone'], env: { VOICECHAT_WAIT: '20' } }
  const out = await run([], given)
  for (const line of [/^id +ABC +file$/m, /^mic +tone +flag --mic$/m, /^wait +20 +environment VOICECHAT_WAIT$/m])
    t.match(out, line)
  t.match(out, /^route +auto +default$/m)
  t.match(out, /^to +not set$/m)
  t.ok(out.endsWith(`File: ${path}\n`))
  t.equal(await run(['list'], given), out)
})

t.test('lists for programs with --json', async t => {
  const { run } = setup(t, 'id = ABC\n')
  const rows = (await run([], { args: ['--json'] }))
    .trimEnd()
    .split('\n')
    .map(row => JSON.parse(row))
  t.match(rows[0], { event: 'setting', t: 7, key: 'id', value: 'ABC', source: 'file' })
  t.ok(rows.some(row => row.key === 'to' && row.value === null && row.source === 'unset'))
})

t.test('gets, sets and unsets', async t => {
  const { run, text, path } = setup(t)
  t.match(await run([]), /there is none yet/)
  await run(['set', 'id', 'ABC'])
  await run(['set', 'mic', 'file:speech.wav'])
  t.equal(text(), `id = ABC\nmic = file:${join(process.cwd(), 'speech.wav')}\n`)
  t.equal(await run(['get', 'id']), 'ABC\n')
  t.equal(await run(['get', 'to']), '\n')
  await run(['unset', 'mic'])
  await run(['unset', 'to'])
  t.equal(text(), 'id = ABC\n')
  t.equal(await run(['path']), `${path}\n`)
})

t.test('refuses what is wrong, and changes nothing', async t => {
  const { run, text } = setup(t, 'id = ABC\n')
  const wrong: [string[], RegExp][] = [
    [['set', 'route', 'pigeon'], /"pigeon" is no value of route\. Allowed choices/],
    [['set', 'rout', 'auto'], /Did you mean "route"/],
    [['set', 'password', 'sesame'], /does not belong/],
    [['set', 'id'], /takes a KEY and a VALUE/],
    [['get'], /takes a KEY/],
    [['unset', 'colour'], /no setting/],
    [['path', 'id'], /takes nothing/],
    [['sett', 'id', 'A'], /Did you mean "set"/],
    [['set', 'id', 'A\nto = B'], /no value of id/],
    [['set', 'mic', 'a\nto = B'], /line/],
  ]
  for (const [operands, says] of wrong)
    await t.rejects(run(operands), { message: says, exitCode: 2 }, operands.join(' '))
  t.equal(text(), 'id = ABC\n')
})

t.test('a wrong file is explained, and can be repaired', async t => {
  const { run, text, path } = setup(t, 'rout = auto\nwait = soon\n')
  await t.rejects(run([]), { name: 'badConfig', message: /line 1/ })
  await t.rejects(run(['get', 'id']), { name: 'badConfig' })
  t.equal(await run(['path']), `${path}\n`)
  await run(['unset', 'rout'])
  await run(['set', 'wait', '5'])
  t.equal(text(), 'wait = 5\n')
})

t.test('completion offers what there is', async t => {
  const entry = subcommands.find(({ name }) => name === 'config')
  const [first, second] = entry?.choices?.(peerCommand('1.2.3')) ?? []
  t.same(first, [...actions])
  t.ok(second?.includes('route'))
})
