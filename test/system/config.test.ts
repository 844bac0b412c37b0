/** One's defaults, set and used as a person does: by the command, in a call, from another folder. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { only } from '../lab/event.js'
import { Lab } from '../lab/lab.js'

const lab = new Lab()
t.teardown(() => lab.close())

async function config(home: string, ...operands: string[]) {
  const peer = lab.peer(['config', ...operands], { home })
  const { code } = await peer.exit()
  return { code, said: peer.strays, stderr: peer.stderr }
}

t.test('a call with nothing on its command line', async t => {
  const server = await lab.server()
  const [password, folder] = [lab.path('password'), lab.path('folder')]
  writeFileSync(password, 'sesame\n')
  mkdirSync(folder)
  for (const [home, own, other] of [
    ['abc', 'ABC', 'XYZ'],
    ['xyz', 'XYZ', 'ABC'],
  ] as const) {
    for (const [key, value] of Object.entries({
      id: own,
      to: other,
      server: server.url,
      'password-file': password,
      route: 'relay',
      mic: 'tone',
      speaker: 'none',
      wait: '20',
    }))
      t.same(await config(home, 'set', key, value), { code: 0, said: [], stderr: '' }, `${key} ${value}`)
  }
  const side = (home: string, env: Record<string, string> = {}) => lab.peer(['--json'], { home, env, cwd: folder })
  const [a, b] = [side('abc'), side('xyz', { VOICECHAT_FOR: '1' })]
  t.match(await a.event(event => event.event === 'verify', 20_000), { how: 'password', verified: true })
  t.same([(await a.exit(20_000)).code, (await b.exit()).code], [0, 0], 'ended by what the environment of one says')
  t.match(only('state', b.events).at(-1), { reason: 'hungUp' })
})

t.test('shows where each value comes from, and what the file is', async t => {
  await config('shown', 'set', 'route', 'relay')
  const env = { VOICECHAT_WAIT: '7' }
  const peer = lab.peer(['config', '--mic', 'tone', '--json'], { home: 'shown', env })
  t.equal((await peer.exit()).code, 0)
  const from = Object.fromEntries(
    (peer.events as unknown as { key: string; value: string | null; source: string }[]).map(
      ({ key, value, source }) => [key, `${value} ${source}`],
    ),
  )
  t.match(from, {
    route: 'relay file',
    wait: '7 environment',
    mic: 'tone flag',
    audio: 'auto default',
    to: 'null unset',
  })
  const { said } = await config('shown', 'path')
  t.equal(readFileSync(said[0] ?? '', 'utf8'), 'route = relay\n')
  t.same((await config('shown', 'get', 'route')).said, ['relay'])
})

t.test('a mistake changes nothing; what is damaged stays as it is, and can be repaired', async t => {
  const wrong = await config('wrong', 'set', 'route', 'sea')
  t.equal(wrong.code, 2)
  t.match(wrong.stderr, /"sea" is no value of route\. Allowed choices are auto, direct, relay/)
  const [path = ''] = (await config('wrong', 'path')).said
  t.notOk(existsSync(path))
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, '{"route":"relay"}\n')
  for (const operands of [['set', 'route', 'relay'], ['unset', 'route'], ['get', 'route'], []])
    t.match(await config('wrong', ...operands), { code: 2, stderr: /damaged\. Line 1 is/ }, operands.join(' '))
  t.equal(readFileSync(path, 'utf8'), '{"route":"relay"}\n')
  writeFileSync(path, '# mine\nrout = relay\n')
  t.match(await config('wrong'), { code: 2, stderr: /line 2: "rout" is no setting\. Did you mean "route"/ })
  t.match(await config('wrong', 'unset', 'rout'), { code: 0, stderr: '' })
  t.equal(readFileSync(path, 'utf8'), '# mine\n')
})
