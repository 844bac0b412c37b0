import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { NetworkLab } from './network.js'
import { Agent, agents, PORT } from './network-agent.js'
import { remove, run } from './network-namespace.js'

const skip = NetworkLab.available() ?? false
if (skip) t.comment(skip)

const here = () => readdirSync('/run/netns').filter(name => name.startsWith(`vclab-${process.pid}-`))

t.test('two ordinary homes', { skip }, async t => {
  const began = performance.now()
  const lab = await NetworkLab.start()
  t.comment(`started in ${(performance.now() - began).toFixed(0)} ms`)
  t.teardown(() => lab.stop())
  const { a, b, server } = await agents(lab, 'a', 'b', 'server')
  const second = new Agent(lab, 'server', PORT + 1)
  await second.hears('ready', 0, 20_000)
  const at = `${lab.serverAddress}:${PORT}`

  await t.test('reach the public host by UDP and TCP, with one port for all destinations', async t => {
    for (const [home, agent] of [['a', a] as const, ['b', b] as const]) {
      const seen = `${lab.publicAddress(home)}:${PORT}`
      t.equal(await agent.asks(at), seen)
      t.equal(await agent.asks(`${lab.serverAddress}:${PORT + 1}`), seen)
      t.match(await agent.dials(at), lab.publicAddress(home))
    }
    t.not(lab.publicAddress('a'), lab.publicAddress('b'))
  })

  await t.test('let nobody in who was not called', async t => {
    const stranger = new Agent(lab, 'server', PORT + 2)
    await stranger.hears('ready', 0, 20_000)
    const [from, heard] = [a.events.length, stranger.events.length]
    const hole = `${lab.publicAddress('a')}:${PORT}`
    t.equal(await stranger.asks(hole, 2, 300), undefined)
    stranger.tell({ do: 'dial', to: hole })
    t.equal(await stranger.hears('connected', heard, 300), undefined)
    t.equal(a.events.length, from)
    t.equal(await b.asks(`${lab.address('a')}:${PORT}`, 1, 300), undefined, 'nor by its private address')
    t.notOk(
      stranger.events.some(({ kind }) => kind === 'failed'),
      'and say nothing',
    )
  })

  await t.test('meet by UDP when both call at once', async t => {
    const [toA, toB] = [`${lab.publicAddress('a')}:${PORT}`, `${lab.publicAddress('b')}:${PORT}`]
    t.equal(await b.asks(toA, 1, 200), undefined, 'the first call is lost')
    t.equal(await a.asks(toB), toA)
    t.equal(await b.asks(toA), toB)
  })

  await t.test('lose all UDP at will, and get it back', async t => {
    const hole = `${lab.publicAddress('a')}:${PORT}`
    t.equal(await a.asks(at), hole)
    lab.setUdp('a', false)
    const [from, heard] = [a.events.length, server.events.length]
    server.tell({ do: 'udp', to: hole, text: 'in' })
    t.equal(await a.asks(at, 2, 200), undefined)
    t.notOk(a.events.slice(from).some(({ kind }) => kind === 'udp'))
    t.notOk(server.events.slice(heard).some(({ kind }) => kind === 'udp'))
    t.ok(await a.dials(at), 'not TCP')
    t.ok(await b.asks(at), 'not the other home')
    lab.setUdp('a', true)
    t.equal(await a.asks(at), hole)
  })

  await t.test('move without a word', async t => {
    const old = { address: lab.address('a'), hole: `${lab.publicAddress('a')}:${PORT}` }
    t.equal(await a.asks(at), old.hole)
    for (let i = 0; i < 2; i++) {
      const [from, heard] = [a.events.length, server.events.length]
      const before = lab.address('a')
      lab.move('a')
      t.not(lab.address('a'), before)
      a.tell({ do: 'tcp', text: 'still there?' })
      server.tell({ do: 'tcp', text: 'still there?' })
      server.tell({ do: 'udp', to: old.hole, text: 'in' })
      await sleep(500)
      t.same(a.events.slice(from), [], 'the host hears nothing on old connections, not even their end')
      t.notOk(server.events.slice(heard).some(({ from }) => from?.startsWith(old.hole.split(':')[0]!)))
      t.notOk(server.events.slice(heard).some(({ kind }) => kind === 'closed' || kind === 'failed'))
      t.equal(await a.asks(at), `${lab.publicAddress('a')}:${PORT}`)
      t.match(await a.dials(at), lab.publicAddress('a'))
    }
    t.not(`${lab.publicAddress('a')}:${PORT}`, old.hole)
    t.not(lab.address('a'), old.address)
    t.ok(await b.asks(at))
  })
})

t.test('a symmetric home behind a bad link, and one without UDP', { skip }, async t => {
  const link = { delayMs: 40, jitterMs: 10, loss: 0.1, seed: 7 }
  const began = performance.now()
  const lab = await NetworkLab.start({ a: { nat: 'symmetric', link }, b: { nat: 'udpBlocked' } })
  t.comment(`started in ${(performance.now() - began).toFixed(0)} ms`)
  t.teardown(() => lab.stop())
  const { a, b, server } = await agents(lab, 'a', 'b', 'server')
  const second = new Agent(lab, 'server', PORT + 1)
  await second.hears('ready', 0, 20_000)
  const at = `${lab.serverAddress}:${PORT}`

  t.equal(await b.asks(at, 2, 200), undefined)
  t.match(await b.dials(at), lab.publicAddress('b'), 'TCP passes where UDP is blocked')
  const holes = [await a.asks(at, 10), await a.asks(`${lab.serverAddress}:${PORT + 1}`, 10)]
  for (const hole of holes) {
    t.match(hole, new RegExp(`^${lab.publicAddress('a')}:`))
    t.not(hole, `${lab.publicAddress('a')}:${PORT}`)
  }
  t.not(holes[0], holes[1], 'a symmetric NAT takes another port for each destination')
  t.equal(await a.asks(at, 10), holes[0], 'and keeps it')

  const [fromA, fromServer] = [a.events.length, server.events.length]
  const [count, everyMs] = [600, 5]
  const busy = lab.cablePids.map(cpuMs)
  a.tell({ do: 'flood', to: at, count, everyMs })
  server.tell({ do: 'flood', to: holes[0]!, count, everyMs })
  await sleep(count * everyMs + 1000)
  const used = lab.cablePids.map((pid, i) => cpuMs(pid) - busy[i]!)
  t.comment(`the cable took ${used} ms of CPU for ${2 * count} packets in ${count * everyMs} ms`)
  for (const [name, events] of Object.entries({ out: server.events.slice(fromServer), in: a.events.slice(fromA) })) {
    const arrived = events.filter(({ kind }) => kind === 'udp')
    const delays = arrived.map(({ text, at }) => at - Number(text)).sort((x, y) => x - y)
    const late = (share: number) => delays[Math.floor(share * (delays.length - 1))]!
    const loss = 1 - arrived.length / count
    const overtaken = arrived.filter(({ text }, i) => i > 0 && Number(text) < Number(arrived[i - 1]!.text)).length
    const spread = [0, 0.1, 0.5, 0.9, 1].map(share => late(share).toFixed(1))
    t.comment(`${name}: delay ${spread.join(' ')} ms, loss ${loss.toFixed(3)}, ${overtaken} overtaken`)
    t.ok(late(0) >= link.delayMs - link.jitterMs, 'nothing comes early')
    t.ok(late(0.5) >= link.delayMs - link.jitterMs / 2)
    t.ok(late(0.9) - late(0.1) > link.jitterMs / 2)
    t.ok(loss > 0.04 && loss < 0.2, `${loss}`)
    t.ok(overtaken > 0)
  }
  lab.move('a')
  t.match(await a.asks(at, 10), lab.publicAddress('a'), 'moves over a bad link too')
})

const skip6 = NetworkLab.available({ ipv6: true }) ?? false
if (skip6) t.comment(skip6)

t.test('two homes with IPv6', { skip: skip6 }, async t => {
  const began = performance.now()
  const lab = await NetworkLab.start({ a: { ipv6: true, nat: 'symmetric' }, b: { ipv6: true } })
  t.comment(`started in ${(performance.now() - began).toFixed(0)} ms`)
  t.teardown(() => lab.stop())
  const { a, b, server } = await agents(lab, 'a', 'b', 'server')
  const at = `[${lab.serverAddress6}]:${PORT}`
  const [hereA, hereB] = [`[${lab.address6('a')}]:${PORT}`, `[${lab.address6('b')}]:${PORT}`]

  t.equal(await a.asks(at), hereA, 'there is no NAT')
  t.match(await b.dials(at), `[${lab.address6('b')}]`)
  t.match(await a.asks(`${lab.serverAddress}:${PORT}`), lab.publicAddress('a'), 'IPv4 is as ever')
  t.equal(await b.asks(hereA, 1, 300), undefined, 'the firewall lets nobody in who was not called')
  t.equal(await a.asks(hereB), hereA, 'and both in when both call')
  t.equal(await b.asks(hereA), hereB)
  const heard = b.events.length
  b.tell({ do: 'dial', to: hereA })
  t.equal(await b.hears('connected', heard, 300), undefined, 'each port for itself')

  lab.setUdp('a', false)
  t.equal(await a.asks(at, 1, 200), undefined, 'the gate is for IPv6 too')
  lab.setUdp('a', true)
  t.equal(await a.asks(at), hereA)

  const from = a.events.length
  lab.move('a')
  server.tell({ do: 'udp', to: hereA, text: 'in' })
  const moved = `[${lab.address6('a')}]:${PORT}`
  t.not(moved, hereA)
  t.equal(await a.asks(at), moved, 'the host has another address after a move')
  t.notOk(a.events.slice(from).some(({ text }) => text === 'in'))
})

t.test('a home whose IPv6 is dead', { skip: skip6 }, async t => {
  const link = { delayMs: 5, jitterMs: 0, loss: 0 }
  const lab = await NetworkLab.start({ a: { ipv6: 'dead' }, b: { ipv6: true, link } })
  t.teardown(() => lab.stop())
  const { a, b, server } = await agents(lab, 'a', 'b', 'server')
  const at = `[${lab.serverAddress6}]:${PORT}`
  t.equal(await b.asks(at), `[${lab.address6('b')}]:${PORT}`, 'not the other home, which has a cable')
  const [from, heard] = [a.events.length, server.events.length]
  t.equal(await a.asks(at, 2, 200), undefined)
  t.match(server.events.slice(heard), [{ text: 'ask' }, { text: 'ask' }], 'what it sends arrives')
  t.same(a.events.slice(from), [], 'and it hears nothing, not even an error')
  t.match(lab.udpCounts('a'), { ipv4: 0, ipv6: 2 })
  t.equal(await a.asks(`${lab.serverAddress}:${PORT}`), `${lab.publicAddress('a')}:${PORT}`)
  t.match(lab.udpCounts('a'), { ipv4: 2, ipv6: 2 }, 'there and back')
})

t.test('a home with IPv6, and one without', { skip: skip6 }, async t => {
  const lab = await NetworkLab.start({ a: { ipv6: true } })
  t.teardown(() => lab.stop())
  const { a, b } = await agents(lab, 'a', 'b', 'server')
  t.equal(await a.asks(`[${lab.serverAddress6}]:${PORT}`), `[${lab.address6('a')}]:${PORT}`)
  const heard = b.events.length
  t.equal(await b.asks(`[${lab.serverAddress6}]:${PORT}`, 1, 200), undefined)
  t.match(b.events.slice(heard), [{ kind: 'failed', text: /unreach|EADDRNOTAVAIL/i }], 'which is told at once')
  t.match(await b.asks(`${lab.serverAddress}:${PORT}`), lab.publicAddress('b'))
})

t.test('a home with a dead VPN and a second uplink', { skip }, async t => {
  const lab = await NetworkLab.start({ a: { deadVpn: true, secondUplink: true }, b: { deadVpn: true } })
  t.teardown(() => lab.stop())
  const { a, b } = await agents(lab, 'a', 'b', 'server')
  const [ip, ...how] = lab.within('a')
  const [, onVpn] = /inet ([\d.]+)/.exec(run([ip!, ...how, 'ip', 'address', 'show', 'vpn0'])) ?? []
  t.ok(onVpn)
  const at = `${lab.serverAddress}:${PORT}`
  t.equal(await a.asks(at), `${lab.publicAddress('a')}:${PORT}`, 'the first way is taken')
  const heard = b.events.length
  t.equal(await b.asks(`${onVpn}:${PORT}`, 2, 200), undefined, 'the VPN leads nowhere')
  t.same(b.events.slice(heard), [], 'and says nothing')

  lab.unplug('a')
  t.equal(await a.asks(at), `${lab.secondAddress('a')}:${PORT}`, 'then the second')
  t.match(await a.dials(at), lab.secondAddress('a'))
  t.not(lab.secondAddress('a'), lab.publicAddress('a'))
})

t.test('labs beside each other, and nothing is left of them', { skip }, async t => {
  const dead = spawn('true')
  await new Promise(resolve => dead.on('close', resolve))
  const left = `vclab-${dead.pid}-0-pub`
  run(['ip', 'netns', 'add', left])
  t.teardown(() => remove(left))
  const link = { delayMs: 5, jitterMs: 0, loss: 0 }
  const labs = await Promise.all([NetworkLab.start({ a: { link }, b: { link } }), NetworkLab.start()])
  t.teardown(() => Promise.all(labs.map(lab => lab.stop())))
  t.notOk(readdirSync('/run/netns').includes(left), 'what a killed run left is swept away')
  t.not(labs[0].within('a').at(-1), labs[1].within('a').at(-1))
  t.equal(here().length, 10)
  const [ip, ...how] = labs[0].within('b')
  const forgotten = spawn(ip!, [...how, 'sleep', '100'])
  const pids = labs[0].cablePids
  t.equal(pids.length, 2)
  const ended = new Promise(resolve => forgotten.on('close', resolve))
  await Promise.all(labs.map(lab => lab.stop()))
  await ended
  t.same(here(), [])
  for (const pid of pids) t.throws(() => process.kill(pid, 0))
  t.notOk(run(['ip', 'netns', 'list']).includes(`vclab-${process.pid}-`))
  await labs[0].stop()
})

t.test('nothing is left of a lab that cannot be set up', { skip }, async t => {
  const link = { delayMs: Number.NaN, jitterMs: 0, loss: 0, seed: 1 }
  const bad = { ...link, loss: 'much' as unknown as number }
  await t.rejects(NetworkLab.start({ a: { link: bad } }), /could not convert string to float/)
  t.same(here(), [])
})

/** CPU time of a process so far. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}
