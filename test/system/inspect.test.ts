import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { InspectionLine } from '../../peer/call/inspection.js'
import { only } from '../lab/event.js'
import { Lab } from '../lab/lab.js'
import { PASSWORD, sleep, WholeCall } from './whole-call.js'

t.setTimeout(120_000)

/** `npm run simulate`, without the build. */
function simulate(...args: string[]): Promise<{ code: number; out: string }> {
  const script = fileURLToPath(new URL('../simulation/main.js', import.meta.url))
  return new Promise(resolve => {
    execFile(process.execPath, [script, ...args], (error, out) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out }),
    )
  })
}

/** The secret key of the one whose home this is. */
function secretKeyIn(home: string): string {
  return JSON.parse(readFileSync(`${home}/voicechat/identity.json`, 'utf8')).secretKey
}

t.test('writes a call down, ended by SIGTERM, and its replay reaches all states again', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const files = [lab.path('a.jsonl'), lab.path('b.jsonl')] as const
  const call = await WholeCall.start(t, {
    a: { args: ['--inspect', files[0]] },
    b: { args: ['--inspect', files[1]] },
  })
  await call.talking()
  await sleep(1_000)
  call.a.peer.kill('SIGTERM')
  for (const { peer } of [call.a, call.b]) t.equal((await peer.exit()).code, 0)
  const homes = [call.lab.path('home-ABC'), call.lab.path('home-XYZ')]
  for (const [i, side] of [call.a, call.b].entries()) {
    const text = readFileSync(files[i]!, 'utf8')
    t.equal(statSync(files[i]!).mode & 0o777, 0o600, 'only its owner may read it')
    const code = only('verify', side.peer.events)[0]?.code
    t.match(code, /^[A-Z2-7]{6}$/)
    for (const secret of [PASSWORD, code!, ...homes.map(secretKeyIn)]) t.notOk(text.includes(secret), 'holds no secret')
    const last = JSON.parse(text.trimEnd().split('\n').at(-1)!) as InspectionLine
    t.equal(last.to, 'call.ended signaling.closed', 'the end is in it')
    t.ok(text.includes(`"reason":"${i === 0 ? 'hungUp' : 'peerHungUp'}"`))
    t.same(only('error', side.peer.events), [])
    const { code: exit, out } = await simulate('--replay', files[i]!)
    t.match(out, /\nAll \d+ recorded states were reached again\.\n$/)
    t.equal(exit, 0)
  }
})

t.test('writes down what came before a kill -9', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const file = lab.path('killed.jsonl')
  const call = await WholeCall.start(t, { a: { args: ['--inspect', file], password: null }, b: { password: null } })
  await call.talking()
  await sleep(500)
  call.a.peer.kill('SIGKILL')
  await call.a.peer.exited
  const { code, out } = await simulate('--replay', file)
  t.equal(code, 0)
  t.match(out, /call: agreeing -> joined\.talking\(.*route\.relayed\.off/)
  const spoken = only('verify', call.b.peer.events)[0]?.code
  t.match(spoken, /^[A-Z2-7]{6}$/)
  t.notOk(readFileSync(file, 'utf8').includes(spoken!), 'the code to compare is not in it')
})

t.test('refuses a file that it cannot write, before the call', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const folder = lab.path('folder')
  mkdirSync(folder)
  const who = ['--id', 'ABC', '--to', 'XYZ', '--mic', 'none', '--speaker', 'none', '--json']
  for (const file of [folder, lab.path('missing/file'), '/dev/null']) {
    const peer = lab.peer([...who, '--inspect', file])
    t.equal((await peer.exit()).code, 2, file)
    t.match(peer.events, [{ event: 'error', name: 'inspectFile', message: /of --inspect cannot be written \(.+\)\.$/ }])
  }
})
