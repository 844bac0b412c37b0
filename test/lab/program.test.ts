import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { Lab } from './lab.js'

/** Says its pid, then does what it is told on stdin. */
const OBEDIENT = `
  import { createInterface } from 'node:readline'
  console.log(JSON.stringify({ event: 'hello', pid: process.pid, args: process.argv.slice(2) }))
  createInterface({ input: process.stdin }).on('line', line => {
    const { say, cry, exit } = JSON.parse(line)
    if (say) console.log(say)
    if (cry) console.error(cry)
    if (exit !== undefined) process.exit(exit)
  })
`
/** Never ends by itself, whatever it is asked. */
const STUBBORN = `
  process.on('SIGTERM', () => {})
  process.on('SIGINT', () => {})
  setInterval(() => {}, 1000)
  console.log(JSON.stringify({ event: 'hello', pid: process.pid }))
`
/** Stays connected to a port as long as it lives. */
const CONNECTED = `
  import { connect } from 'node:net'
  connect(Number(process.argv[2]), '127.0.0.1').on('connect', () => console.log('{"event":"hello"}'))
`
/** Starts the connected program by way of the lab and dies without cleaning up. */
const PARENT = `
  const [module, script, port] = process.argv.slice(2)
  const { Program } = await import(module)
  const child = new Program(script, [port], { name: 'grandchild' })
  await child.event(event => event.event === 'hello')
  process.kill(process.pid, 'SIGKILL')
`

const lab = new Lab()
t.teardown(() => lab.close())
const write = (name: string, text: string) => {
  writeFileSync(lab.path(name), text)
  return lab.path(name)
}
const obedient = write('obedient.mjs', OBEDIENT)
const stubborn = write('stubborn.mjs', STUBBORN)

t.test('collects JSON lines, other lines and stderr, and the exit code', async t => {
  const program = lab.program(obedient, ['--a', 'b c'], { name: 'obedient' })
  const hello = await program.event(event => event.event === 'hello')
  t.same(hello.args, ['--a', 'b c'])
  t.equal(hello.pid, program.pid)
  program.send({ say: 'no JSON', cry: 'a complaint' })
  program.send({ say: '{"event":"later"}' })
  await program.event(event => event.event === 'later')
  await program.says('a complaint')
  t.same(program.strays, ['no JSON'])
  program.send({ exit: 5 })
  t.same(await program.exit(), { code: 5, signal: null })
  t.notOk(program.running)
})

t.test('finds events that came before, and from a place on', async t => {
  const program = lab.program(obedient, [], { name: 'obedient' })
  program.send({ say: '{"event":"n","n":1}' })
  program.send({ say: '{"event":"n","n":2}' })
  t.equal((await program.event(event => event.event === 'n' && event.n === 2)).n, 2)
  t.equal((await program.event(event => event.event === 'n')).n, 1)
  t.equal((await program.event(event => event.event === 'n', 1000, 2)).n, 2)
})

t.test('tells what happened when an event does not come', async t => {
  const program = lab.program(obedient, [], { name: 'obedient' })
  await program.event(event => event.event === 'hello')
  await t.rejects(
    program.event(event => event.event === 'never', 20),
    { message: /never[\s\S]*nothing in 20 ms[\s\S]*obedient is running[\s\S]*hello/ },
  )
  const late = program.event(event => event.event === 'never')
  program.send({ cry: 'my last words', exit: 3 })
  await t.rejects(late, { message: /the program ended[\s\S]*code 3[\s\S]*my last words/ })
  await t.rejects(program.says('anything'), { message: /the program ended/ })
})

t.test('waits for an exit no longer than it is told', async t => {
  const program = lab.program(stubborn, [], { name: 'stubborn' })
  await program.event(event => event.event === 'hello')
  await t.rejects(program.exit(20), { message: /nothing in 20 ms/ })
  t.same(await program.stop(50), { code: null, signal: 'SIGKILL' })
})

t.test('ends a program at its time limit', async t => {
  const program = lab.program(stubborn, [], { name: 'stubborn', limitMs: 300 })
  t.same(await program.exit(), { code: null, signal: 'SIGKILL' })
})

t.test('leaves no program behind when the test process is killed', async t => {
  const listener = createServer()
  const gone = new Promise<void>(resolve => {
    listener.on('connection', socket =>
      socket
        .on('error', () => {})
        .on('close', () => resolve())
        .resume(),
    )
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  t.teardown(() => listener.close())
  const { port } = listener.address() as AddressInfo
  const module = new URL('./program.js', import.meta.url).href
  const args = [module, write('connected.mjs', CONNECTED), `${port}`]
  const parent = lab.program(write('parent.mjs', PARENT), args, { name: 'parent' })
  t.equal((await parent.exit()).signal, 'SIGKILL')
  await gone
})

t.test('kills what runs when the lab closes, and removes its folder', async t => {
  const own = new Lab()
  const program = own.program(stubborn, [], { name: 'stubborn' })
  await program.event(event => event.event === 'hello')
  await own.close()
  t.notOk(program.running)
  t.throws(() => writeFileSync(own.path('x'), ''), { code: 'ENOENT' })
})
