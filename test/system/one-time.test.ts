/** One-time calls by a code: real programs, a real server, and one that meddles. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { only, type PeerEvent } from '../lab/event.js'
import { freePort, Lab, type Peer, type Server } from '../lab/lab.js'
import { newIdentity } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'
import { MeddlingProxy } from './meddling-proxy.js'
import { Terminal } from './terminal.js'

const lab = new Lab()
t.teardown(() => lab.close())

const QUIET = ['--mic', 'none', '--speaker', 'none', '--json']
const state = (wanted: string) => (event: PeerEvent) => event.event === 'state' && event.state === wanted

const start = (url: string, args: string[], name: string, { env = {}, home = `${name}-${programs++}` } = {}) =>
  lab.peer([...args, '--server', url, ...QUIET], { name, env, home })
let programs = 0

/** Makes a code; with the program that did. */
async function invite(url: string, args: string[] = [], options: { home?: string } = {}) {
  const peer = start(url, ['--new', ...args], 'inviter', options)
  const event = await peer.event(event => event.event === 'code', 20_000)
  const { code, command } = event as Extract<PeerEvent, { event: 'code' }>
  const [number = '', ...words] = code.split('-')
  return { peer, code, command, number, words }
}

/** Both words: one alone may be part of any sentence. */
const together = (words: string[]) => new RegExp(words.join('\\W{1,5}'), 'i')

/** Other words than those of a code. */
const wrong = (number: string, words: string[]) => `${number}-${words[0] === 'zoo' ? 'zone' : 'zoo'}-zoo`

/** How both ended: nothing was said, and each says what to do. */
async function bothUnverified(t: Test, inviter: Peer, guest: Peer) {
  const exits = [await inviter.exit(30_000), await guest.exit(30_000)]
  t.same(
    exits.map(({ code }) => code),
    [5, 5],
  )
  t.match(only('error', inviter.events).at(-1), { name: 'unverified', message: /The code is dead/, hint: /--new/ })
  t.match(only('error', guest.events).at(-1), { name: 'unverified', message: /The code is dead/, hint: /new code/ })
}

let server: Server
t.before(async () => {
  server = await lab.server({ args: ['--log-ids'] })
})

t.test('a call: by the command that is printed, and nothing of it is left', async t => {
  const inspect = lab.path('inspected')
  const { peer: a, code, command, words } = await invite(server.url, ['--inspect', inspect], { home: 'home-a' })
  t.match(code, /^[1-9]-[a-z]+-[a-z]+$/, 'the first one-time call of a server has a number of one digit')
  t.equal(command, `npx voicechat-peer --code ${code} --server ${server.url}`)
  const b = lab.peer([...command.split(' ').slice(2), ...QUIET], { name: 'guest', home: 'home-b' })
  await Promise.all([a, b].map(peer => peer.event(state('talking'), 20_000)))
  for (const peer of [a, b]) t.match(only('verify', peer.events), [{ how: 'password', verified: true }])
  a.send({ do: 'hangup' })
  t.same([(await a.exit()).code, (await b.exit()).code], [0, 0])
  const texts = {
    'the log of the server': JSON.stringify(server.events) + server.stderr,
    'the file of --inspect': readFileSync(inspect, 'utf8'),
    'what the inviter says but for the code itself': JSON.stringify(a.events.filter(({ event }) => event !== 'code')),
    'its notes': a.stderr,
    'what the guest says': JSON.stringify(b.events) + b.stderr,
  }
  for (const [what, text] of Object.entries(texts)) {
    t.ok(text.length > 0 || what === 'its notes', what)
    t.notMatch(text, together(words), what)
  }
  t.notMatch(a.stderr + b.stderr, /[0-9]\.[ab]\b/, 'sentences say "the other side"')
  for (const home of ['home-a', 'home-b'])
    t.notOk(existsSync(lab.path(home)) && readdirSync(lab.path(home)).length > 0, `neither key nor contact in ${home}`)
})

t.test('wrong words end both, and the right ones come too late', async t => {
  const { peer: a, code, number, words } = await invite(server.url)
  const b = start(server.url, ['--code', wrong(number, words)], 'guesser')
  await bothUnverified(t, a, b)
  const late = start(server.url, ['--code', code], 'latecomer')
  t.equal((await late.exit(20_000)).code, 4)
  t.match(only('error', late.events), [{ name: 'refused', message: new RegExp(`number ${number} already.*new code`) }])
  t.notOk([a, b, late].some(peer => peer.events.some(state('talking'))))
})

t.test('a typo costs nothing, and is told before anything is sent', async t => {
  const { peer: a, code, number, words } = await invite(server.url)
  const logins = () => server.events.filter(({ id }) => id === `${number}.b`).length
  const before = logins()
  for (const typed of [`${number}-${words[0]}x-${words[1]}`, `${number}-${words[0]}`, 'hello']) {
    const b = start(server.url, ['--code', typed], 'typist')
    t.equal((await b.exit(20_000)).code, 2, typed)
    t.match(only('error', b.events), [{ name: 'badCode', hint: /as good as before/ }])
  }
  t.equal(logins(), before, 'the server heard nothing of it')
  const typed = `${number} ${words.map(word => word.slice(0, 4).toUpperCase()).join('  ')}`
  const b = start(server.url, ['--code'], 'guest', { env: { VOICECHAT_CODE: typed } })
  await Promise.all([a, b].map(peer => peer.event(state('talking'), 20_000)))
  t.ok(logins() > before, 'and this it did')
  b.send({ do: 'hangup' })
  t.same([(await a.exit()).code, (await b.exit()).code], [0, 0], `${code} as ${typed}`)
})

t.test(
  'in a terminal the code is asked for until it is one, and shown until it is used',
  { skip: Terminal.missing() ?? false },
  async t => {
    const [inviting, joining] = [await Terminal.open(lab), await Terminal.open(lab)]
    t.teardown(() => Promise.all([inviting.close(), joining.close()]))
    const quiet = ['--server', server.url, '--mic', 'none', '--speaker', 'none']
    await inviting.peer(['--new', ...quiet])
    const shown = (await inviting.until(/--code [0-9]+-[a-z]+-[a-z]+/)).join('\n')
    const code = /Code {2}([0-9]+-[a-z]+-[a-z]+)/.exec(shown)?.[1] ?? ''
    t.match(shown, `npx voicechat-peer --code ${code} --server ${server.url}`)
    await joining.peer(['--code', ...quiet])
    await joining.until(/The code that the other side has told you:/)
    await joining.command('7 orbti maple')
    await joining.until(/"orbti" is no word of a code\. Did you mean "orbit"\?/)
    await joining.command(code.replaceAll('-', ' '))
    await joining.until(/verified by code/)
    await inviting.until(/the other side ── verified by code/)
    t.notMatch((await inviting.history()).join('\n'), together(code.split('-').slice(1)), 'it is gone from the screen')
    await joining.type('q')
    await inviting.until(/The other side hung up\./)
  },
)

t.test('a number that is taken is no trouble, and one that nobody has is told', async t => {
  const clients = await Promise.all(
    Array.from({ length: 9 }, (_, n) => WsClient.online(server.url, `${n + 1}.a`, newIdentity())),
  )
  const { peer: a, number } = await invite(server.url)
  t.match(number, /^[1-9][0-9]$/, 'two digits, when all of one are in use')
  a.kill('SIGINT')
  t.equal((await a.exit()).code, 0)
  t.match(a.stderr, /You hung up\. The code is dead/)
  for (const client of clients) client.socket.terminate()
  const b = start(server.url, ['--code', '999999-zoo-zoo', '--wait', '1'], 'guest')
  t.equal((await b.exit(20_000)).code, 8)
  t.match(only('error', b.events), [{ name: 'nobodyCame', message: /Nobody is there with the number 999999\./ }])
})

t.test('nobody can be called by such a number, or be it', async t => {
  for (const who of [
    ['--id', '7.a', '--to', 'XYZ'],
    ['--id', 'XYZ', '--to', '7.B'],
  ]) {
    const peer = start(server.url, who, 'somebody')
    t.equal((await peer.exit(20_000)).code, 2)
    t.match(only('error', peer.events), [{ name: 'badId', hint: /one-time calls/ }])
  }
})

t.test('on a private server members make codes, and whoever is told one needs no invitation', async t => {
  const asked = lab.peer(['identity', '--json'], { name: 'member', home: 'member' })
  t.equal((await asked.exit(20_000)).code, 0)
  const [{ publicKey }] = asked.events as unknown as [{ publicKey: string }]
  writeFileSync(lab.path('access'), `${publicKey} Anna\n`)
  const { url } = await lab.server({ args: ['--access-file', lab.path('access')] })
  const stranger = start(url, ['--new'], 'stranger')
  t.equal((await stranger.exit(20_000)).code, 4)
  t.match(only('error', stranger.events), [{ name: 'notAllowed', message: /This server is private/ }])
  const { peer: a, code } = await invite(url, [], { home: 'member' })
  const b = start(url, ['--code', code], 'guest')
  await Promise.all([a, b].map(peer => peer.event(state('talking'), 20_000)))
  a.send({ do: 'hangup' })
  t.same([(await a.exit()).code, (await b.exit()).code], [0, 0])
})

t.test('whatever a server does with the words’ one try, there is no second', async t => {
  const isFlight = (data: string | undefined, number: number) =>
    Buffer.from(data ?? '', 'base64url')
      .subarray(0, 20)
      .includes(`h${number}`)
  const port = await freePort()
  const proxy = await MeddlingProxy.open(port)
  t.teardown(() => proxy.close())
  const hostile = await lab.server({ port, args: ['--public-url', proxy.url] })
  const count = (number: number) =>
    proxy.seen.filter(text => {
      const { type, data } = JSON.parse(text)
      return type === 'pass' && isFlight(data, number)
    }).length

  t.test('it keeps the confirmation', async t => {
    proxy.meddle = ({ type, data }, direction) => !(type === 'pass' && direction === 'up' && isFlight(data, 4))
    const { peer: a, code, words } = await invite(proxy.url)
    const b = start(proxy.url, ['--code', code], 'guest')
    await bothUnverified(t, a, b)
    t.same([count(3) > 0, count(4) > 0], [true, true], 'both were there')
    t.notMatch(proxy.seen.join('\n'), together(words), 'the words never leave')
  })

  t.test('it keeps the confirmation, and the other side goes and comes again', async t => {
    proxy.meddle = ({ type, data }, direction) => !(type === 'pass' && direction === 'up' && isFlight(data, 4))
    const { peer: a, code } = await invite(proxy.url)
    const b = start(proxy.url, ['--code', code], 'guest')
    await b.event(state('talking'), 20_000)
    proxy.seen.length = 0
    b.kill()
    t.equal((await a.exit(20_000)).code, 5, 'as soon as it hears that the other side is gone')
    t.equal(count(3), 0)
  })

  t.test('it restarts in the middle of a call, which goes on', async t => {
    proxy.meddle = () => true
    const { peer: a, code } = await invite(proxy.url)
    const b = start(proxy.url, ['--code', code], 'guest')
    await Promise.all([a, b].map(peer => peer.event(state('talking'), 20_000)))
    const before = [a.events.length, b.events.length]
    hostile.kill('SIGKILL')
    await hostile.exited
    const again = await lab.server({ port, args: ['--public-url', proxy.url, '--log-ids'] })
    const online = (id: string) => again.event(line => line.msg === 'online' && line.id === id, 20_000)
    const number = code.split('-')[0]
    await Promise.all([online(`${number}.a`), online(`${number}.b`)])
    b.send({ do: 'hangup' })
    t.same([(await a.exit()).code, (await b.exit()).code], [0, 0])
    t.ok(
      [a, b].every((peer, i) => only('verify', peer.events.slice(before[i])).length === 0),
      'with the keys that they had',
    )
  })
})
